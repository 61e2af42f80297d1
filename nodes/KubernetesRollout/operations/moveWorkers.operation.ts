import type { TargetImage } from '../../../lib/rollout/model';
import { moveWorkers as move, planMoves } from '../../../lib/rollout/workers/moveWorkers';
import { observeMoves } from '../../../lib/rollout/workers/observeMoves';
import { fieldsOf } from '../../shared/describeOperations';
import type { Operation } from '../../shared/operation';
import { openCluster } from '../openCluster';
import { readTimeout } from '../readTimeout';
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
	timeoutField,
	type SetParameters,
} from '../releaseSet';

interface Parameters extends SetParameters {
	readonly images: readonly TargetImage[];
	readonly timeoutSeconds: number;
}

/** Starts the new version of every worker now that the traffic has moved, and stops the old one. Without workers there is nothing to do. */
export const moveWorkers: Operation<Parameters> = {
	name: 'moveWorkers',
	kind: 'change',
	requires: ['3.1/record-live', '3.2/switch-traffic'],
	description: fieldsOf('moveWorkers', [
		...SET_FIELDS,
		IMAGES_FIELD,
		timeoutField(
			180,
			'How long one worker may take to come up, and the old version of a singleton to end. When it ends the step fails; rolling the release back takes the workers back.',
		),
	]),
	// A singleton waits twice: for the end of the old one and for the start of the new one.
	deadlineMs: ({ timeoutSeconds, workers }) => (2 * timeoutSeconds * workers.length + 120) * 1000,
	readParameters: (context, itemIndex) => {
		const parameters = readSet(context, itemIndex);
		return {
			...parameters,
			images: readImages(context, itemIndex, parameters.workloads),
			timeoutSeconds: readTimeout(context, itemIndex),
		};
	},
	plan: (parameters) => ({ key: '', inputs: setInputs(parameters, parameters.images) }),
	prepare: async (context) => {
		const cluster = await openCluster(context);
		const options = { images: context.parameters.images, record: await recordedLive(context) };
		const moves = await planMoves(cluster, releaseSetOf(context.parameters, cluster), options);
		return {
			inverse: asJson({ workers: moves.map(({ worker, from }) => ({ worker: worker.name, colour: from })) }),
		};
	},
	// What an interrupted run has moved counts as done when it runs again.
	observe: async (context) => {
		const cluster = await openCluster(context);
		const found = await observeMoves(cluster, releaseSetOf(context.parameters, cluster), {
			images: context.parameters.images,
			record: await recordedLive(context),
			fence: fenceOf(context),
		});
		return found ? { outcome: 'done', result: asJson(found) } : 'not-done';
	},
	run: async (context) => {
		const { images, timeoutSeconds } = context.parameters;
		const { clock, signal, log } = context;
		const cluster = await openCluster(context);
		const options = {
			images,
			record: await recordedLive(context),
			fence: fenceOf(context),
			timeoutMs: timeoutSeconds * 1000,
			clock,
			signal,
			log,
		};
		return { result: asJson(await move(cluster, releaseSetOf(context.parameters, cluster), options)) };
	},
};
