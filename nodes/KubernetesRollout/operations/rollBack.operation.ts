import type { LiveRecord, TargetImage } from '../../../lib/rollout/model';
import { parseIdleBefore, parseImages, parseRecord } from '../../../lib/rollout/parseConfiguration';
import { readOfflineRollBack } from '../../../lib/rollout/offlineRollBack';
import { readRecordAnnotations } from '../../../lib/rollout/readRecordAnnotations';
import { rollBack as goBack, type RolledBack } from '../../../lib/rollout/rollBack';
import { fieldsOf } from '../../shared/describeOperations';
import { kubernetesCluster } from '../../shared/kubernetesCredential';
import type { Operation, OperationContext } from '../../shared/operation';
import { readNumber } from '../../shared/readNumber';
import { readTimeout } from '../readTimeout';
import {
	asJson,
	fenceOf,
	IMAGES_FIELD,
	isEmpty,
	readSet,
	recordedLive,
	releaseSetOf,
	SET_FIELDS,
	setInputs,
	timeoutField,
	type SetParameters,
} from '../releaseSet';

interface Parameters extends SetParameters {
	/** Empty: whatever is live is rolled back. */
	readonly images: readonly TargetImage[];
	/** Undefined: that of the release, or that of the Services' annotations. */
	readonly record: LiveRecord | undefined;
	readonly scaleDownReplaced: boolean;
	readonly timeoutSeconds: number;
	readonly watchSeconds: number;
}

/** Goes back to exactly what was recorded before the release: same digest, replicas and selector. Pressed twice it says "already there". */
export const rollBack: Operation<Parameters> = {
	name: 'rollBack',
	kind: 'change',
	requires: ['3.1/record-live'],
	alwaysRuns: true,
	description: fieldsOf('rollBack', [
		...SET_FIELDS,
		{
			...IMAGES_FIELD,
			required: false,
			description:
				'What the release deployed. If anything else is live than this or the record, the rollback is refused. Empty to roll back whatever is live.',
		},
		{
			displayName: 'Record',
			name: 'record',
			type: 'json',
			default: '',
			placeholder: 'e.g. {"workloads": [{"service": "api", "liveColour": "blue", …}]}',
			description:
				'What "Record Live" returned, when there is no release. Empty to use the release\'s record, or without a release the one that the Services carry as an annotation.',
		},
		{
			displayName: 'Scale Down Replaced',
			name: 'scaleDownReplaced',
			type: 'boolean',
			default: true,
			description:
				'Whether the version that traffic was taken from is scaled to 0, and the connections that clients keep open to it end within 30 seconds',
		},
		timeoutField(
			240,
			'How long the recorded version may take to be ready again, then its endpoints to follow, and each worker to run. When it ends the step fails and says what serves.',
		),
		{
			displayName: 'Watch (Seconds)',
			name: 'watchSeconds',
			type: 'number',
			typeOptions: { minValue: 0 },
			default: 600,
			placeholder: 'e.g. 600',
			description:
				'How long a Health Check is to watch what serves afterwards. It is given on as "watchSeconds", as 0 when this release never moved any traffic.',
		},
	]),
	deadlineMs: ({ timeoutSeconds, workloads, workers }) =>
		(timeoutSeconds * (workloads.length + workers.length + 1) + 180) * 1000,
	readParameters: (context, itemIndex) => {
		const parameters = readSet(context, itemIndex);
		const images = context.getNodeParameter('images', itemIndex, '');
		const record = context.getNodeParameter('record', itemIndex, '');
		return {
			...parameters,
			images: isEmpty(images) ? [] : parseImages(images, parameters.workloads),
			record: isEmpty(record) ? undefined : parseRecord(record),
			scaleDownReplaced: context.getNodeParameter('scaleDownReplaced', itemIndex, true) !== false,
			timeoutSeconds: readTimeout(context, itemIndex),
			watchSeconds: readNumber(context, { itemIndex, name: 'watchSeconds', minimum: 0, maximum: 86_400 }),
		};
	},
	plan: (parameters) => ({ key: '', inputs: setInputs(parameters, parameters.images) }),
	// It reads before it writes: running it again completes what an interrupted run began.
	observe: async () => await Promise.resolve('not-done'),
	run: async (context) => {
		const { clusterUid, images, scaleDownReplaced, timeoutSeconds } = context.parameters;
		const { clock, signal, log } = context;
		const cluster = await context.open(kubernetesCluster);
		const set = releaseSetOf(context.parameters, cluster);
		const record =
			(await recordedLive(context)) ?? context.parameters.record ?? (await readRecordAnnotations(cluster, set));
		const idleBefore = parseIdleBefore((await context.recorded('3.1/set-image'))?.inverse);
		const options = {
			record,
			images,
			clusterUid,
			idleBefore,
			fence: fenceOf(context),
			scaleDownReplaced,
			timeoutMs: timeoutSeconds * 1000,
			clock,
			signal,
			log,
		};
		const rolledBack = await goBack(cluster, set, options);
		const watchSeconds = await watchSecondsOf(context, rolledBack);
		// What was done while nobody could record it comes into the ledger here.
		const offline = await readOfflineRollBack(cluster, set, context.release?.id);
		return { result: asJson({ ...rolledBack, watchSeconds, ...(offline ? { offline } : {}) }) };
	},
};

/** What never moved needs no watching: what serves is what served before the release. */
async function watchSecondsOf(
	{ recorded, parameters }: OperationContext<Parameters>,
	{ workloads }: RolledBack,
): Promise<number> {
	const moved = workloads.some(({ action }) => action !== 'already-there');
	return moved || (await recorded('3.2/switch-traffic')) !== undefined ? parameters.watchSeconds : 0;
}
