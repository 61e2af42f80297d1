import { findLiveImage } from '../../lib/rollout/findLiveImage';
import type { Workload } from '../../lib/rollout/model';
import { parseRecord } from '../../lib/rollout/parseConfiguration';
import { RunbookError } from '../../lib/support/runbookError';
import { kubernetesCluster } from '../shared/kubernetesCredential';
import type { OperationContext } from '../shared/operation';

const RECORD_LIVE_STEP = '3.1/record-live';

/**
 * The image that a rollback of this release would bring back: as the release noted it before it changed anything, since after a resume the new
 * version may be the live one; before that note, what serves now. An error is returned when that cannot be told now, and may be later.
 * @throws RunbookError ROLLOUT.NOT_FOUND, COLOUR_UNKNOWN, CONTAINER_MISSING and those of the credential
 */
export async function findPreviousImage(
	{ open, recorded }: Pick<OperationContext<unknown>, 'open' | 'recorded'>,
	{ workload, namespace }: { readonly workload: Workload; readonly namespace: string },
): Promise<string | RunbookError> {
	const noted = await recorded(RECORD_LIVE_STEP);
	const record = noted?.state === 'passed' ? parseRecord(noted.result) : undefined;
	const live = record?.workloads.find(({ service }) => service === workload.service)?.live;
	if (live) return live.image;
	const cluster = await open(kubernetesCluster);
	try {
		return await findLiveImage(cluster, namespace || cluster.namespace, workload);
	} catch (error) {
		const isUntold = error instanceof RunbookError && (error.retryable || error.code === 'ROLLOUT.DIGEST_UNKNOWN');
		if (isUntold) return error;
		throw error;
	}
}
