import type { Ledger } from '../lib/release/ledger';
import type { Json } from '../lib/release/model';
import { recordStep } from '../lib/release/recordStep';
import type { Cluster } from '../lib/rollout/cluster';
import { findRollbackRecord } from '../lib/rollout/readRecordAnnotations';
import { rollBack, type RolledBack } from '../lib/rollout/rollBack';
import type { Clock } from '../lib/support/clock';
import { watchErrors } from '../lib/watch/errors';

const RECORD_LIVE = '3.1/record-live';
/** The step that roll-back-production in n8n goes on from. */
const STEP_KEY = 'rollback/switch-back';
/** As often as a run of n8n gives its sign of life: silence for longer than a few of them is taken for its death. */
const HEARTBEAT_MS = 5_000;

export interface RollBackWatched {
	readonly releaseId: string;
	readonly reason: string;
	/** Who rolls back, for the record. */
	readonly watcher: string;
	readonly timeoutMs: number;
	readonly clock: Clock;
	readonly signal: AbortSignal;
	log(message: string): void;
}

/**
 * Rolls a release back by its record on the Services, and records it as the step that roll-back-production would: n8n goes on from it with checks
 * and watching. The record is read before the ledger is changed.
 * @throws RunbookError WATCH.OTHER_RELEASE, and what the ledger and the rollback throw
 */
export async function rollBackWatched(
	ledger: Ledger,
	cluster: Cluster,
	{ releaseId, reason, watcher, timeoutMs, clock, signal, log }: RollBackWatched,
): Promise<RolledBack> {
	const { release: recordedFor, set, images, record } = await findRollbackRecord(cluster, cluster.namespace);
	if (recordedFor !== releaseId)
		throw watchErrors.OTHER_RELEASE({ releaseId, recordedFor, namespace: cluster.namespace });
	const { id, token } = await ledger.takeOver(releaseId, { reason: `${watcher}: ${reason}`, intent: 'rollBack' });
	const release = { id, token };
	const heartbeat = setInterval(() => void ledger.beat(release).catch(() => undefined), HEARTBEAT_MS);
	try {
		const step = {
			release,
			stepKey: STEP_KEY,
			itemKey: '',
			kind: 'change',
			inputs: { by: watcher, services: set.workloads.map(({ service }) => service) },
			requires: [RECORD_LIVE],
			alwaysRuns: true,
		} as const;
		let rolledBack: RolledBack | undefined;
		await recordStep(ledger, step, {
			run: async () => {
				const common = { scaleDownReplaced: true, timeoutMs, clock, signal, log };
				const options = { record, images, idleBefore: [], fence: { release: id, token }, ...common };
				rolledBack = await rollBack(cluster, set, options);
				return { result: { ...rolledBack, by: watcher } as unknown as Json };
			},
		});
		if (rolledBack === undefined) throw new Error('unreachable: the step always runs');
		return rolledBack;
	} finally {
		clearInterval(heartbeat);
	}
}
