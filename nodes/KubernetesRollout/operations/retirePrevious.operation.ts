import { assessTerminalState } from '../../../lib/release/assessTerminalState';
import { releaseErrors } from '../../../lib/release/errors';
import { isFencedOut } from '../../../lib/rollout/fence';
import type { TargetImage } from '../../../lib/rollout/model';
import { readRecordAnnotations } from '../../../lib/rollout/readRecordAnnotations';
import { retirePrevious as retire, type Retired } from '../../../lib/rollout/retire/retirePrevious';
import { RunbookError } from '../../../lib/support/runbookError';
import { releaseLedger } from '../../shared/credentials';
import { fieldsOf } from '../../shared/describeOperations';
import type { Operation, OperationContext } from '../../shared/operation';
import { openCluster } from '../openCluster';
import {
	asJson,
	fenceOf,
	IMAGES_FIELD,
	readImages,
	readSet,
	recordedLive,
	releaseSetOf,
	SET_FIELDS,
	setInputs,
	type SetParameters,
} from '../releaseSet';

interface Parameters extends SetParameters {
	readonly images: readonly TargetImage[];
}

/** Scales the colour that a release replaced to 0, once nobody wants the quick way back any more: its watch is over, and it succeeds. */
export const retirePrevious: Operation<Parameters> = {
	name: 'retirePrevious',
	kind: 'change',
	requires: ['3.1/record-live', '3.2/switch-traffic', 'watch/health', 'watch/error-rate'],
	alwaysRuns: true,
	description: fieldsOf('retirePrevious', [...SET_FIELDS, IMAGES_FIELD]),
	readParameters: (context, itemIndex) => {
		const parameters = readSet(context, itemIndex);
		return { ...parameters, images: readImages(context, itemIndex, parameters.workloads) };
	},
	plan: (parameters) => ({ key: '', inputs: setInputs(parameters, parameters.images) }),
	// It reads before it writes.
	observe: async () => await Promise.resolve('not-done'),
	run: async (context) => {
		const refusal = await whyKept(context);
		if (refusal !== undefined) return { result: asJson({ ...NOTHING, notYet: refusal }) };
		try {
			return { result: asJson({ ...(await scaleDown(context)), notYet: null }) };
		} catch (error) {
			// The release serves and has been watched: a cluster that does not answer now is no reason to keep it from its end.
			if (!(error instanceof RunbookError) || isFencedOut(error)) throw error;
			context.log(`the replaced version keeps its replicas: ${error.message}`);
			return { result: asJson({ ...NOTHING, notYet: error.message }) };
		}
	},
};

const NOTHING: Retired = { retired: [], kept: [], warnings: [] };

async function scaleDown(context: OperationContext<Parameters>): Promise<Retired> {
	const cluster = await openCluster(context);
	const set = releaseSetOf(context.parameters, cluster);
	const { images } = context.parameters;
	const record = (await recordedLive(context)) ?? (await readRecordAnnotations(cluster, set));
	return await retire(cluster, set, { images, record, fence: fenceOf(context), clock: context.clock });
}

/** Why the way back is still wanted; undefined when the ledger says that the release succeeds as it stands. Without a release the caller decides. */
async function whyKept({ release, open, clock }: OperationContext<Parameters>): Promise<string | undefined> {
	if (!release) return undefined;
	const ledger = await open(releaseLedger);
	const held = await ledger.readRelease(release.id);
	if (!held) throw releaseErrors.UNKNOWN({ releaseId: release.id });
	const now = clock.now();
	if (held.watchUntil === null || held.watchUntil > now)
		return held.watchUntil === null
			? 'it is not watched'
			: `its watch lasts until ${held.watchUntil.toISOString()}`;
	const state = assessTerminalState(held, await ledger.readSteps(release.id), now);
	return state === 'succeeded' ? undefined : `it would end as ${state}`;
}
