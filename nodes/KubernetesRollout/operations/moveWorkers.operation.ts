import { moveWorkers as move, planMoves } from '../../../lib/rollout/workers/moveWorkers';
import { observeMoves } from '../../../lib/rollout/workers/observeMoves';
import { fieldsOf } from '../../shared/describeOperations';
import type { Operation } from '../../shared/operation';
import { openCluster } from '../openCluster';
import { asJson, releaseSetOf, setInputs } from '../releaseSet';
import { readTimedSet, timedOptions, timedSetFields, type TimedParameters } from '../timedSet';

/** Starts the new version of every worker now that the traffic has moved, and stops the old one. Without workers there is nothing to do. */
export const moveWorkers: Operation<TimedParameters> = {
	name: 'moveWorkers',
	kind: 'change',
	requires: ['3.1/record-live', '3.2/switch-traffic'],
	description: fieldsOf(
		'moveWorkers',
		timedSetFields(
			180,
			'How long one worker may take to come up, and the old version of a singleton to end. When it ends the step fails; rolling the release back takes the workers back.',
		),
	),
	// A singleton waits twice: for the end of the old one and for the start of the new one.
	deadlineMs: ({ timeoutSeconds, workers }) => (2 * timeoutSeconds * workers.length + 120) * 1000,
	readParameters: readTimedSet,
	plan: (parameters) => ({ key: '', inputs: setInputs(parameters, parameters.images) }),
	prepare: async (context) => {
		const cluster = await openCluster(context);
		const set = releaseSetOf(context.parameters, cluster);
		const moves = await planMoves(cluster, set, await timedOptions(context));
		return {
			inverse: asJson({ workers: moves.map(({ worker, from }) => ({ worker: worker.name, colour: from })) }),
		};
	},
	// What an interrupted run has moved counts as done when it runs again.
	observe: async (context) => {
		const cluster = await openCluster(context);
		const set = releaseSetOf(context.parameters, cluster);
		const found = await observeMoves(cluster, set, await timedOptions(context));
		return found ? { outcome: 'done', result: asJson(found) } : 'not-done';
	},
	run: async (context) => {
		const cluster = await openCluster(context);
		const set = releaseSetOf(context.parameters, cluster);
		return { result: asJson(await move(cluster, set, await timedOptions(context))) };
	},
};
