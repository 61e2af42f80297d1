import { observeSwitch } from '../../../lib/rollout/observeSwitch';
import { readSelectors, switchTraffic as switchAll } from '../../../lib/rollout/switchTraffic';
import { fieldsOf } from '../../shared/describeOperations';
import type { Operation } from '../../shared/operation';
import { openCluster } from '../openCluster';
import { asJson, releaseSetOf, setInputs } from '../releaseSet';
import { readTimedSet, timedOptions, timedSetFields, type TimedParameters } from '../timedSet';

/** Sends the traffic of all workloads to the new version, or leaves all of them where they were. */
export const switchTraffic: Operation<TimedParameters> = {
	name: 'switchTraffic',
	kind: 'change',
	requires: ['3.1/set-image', '3.1/wait-for-rollout', '3.1/check-preview', 'gate-2/approval'],
	description: fieldsOf(
		'switchTraffic',
		timedSetFields(
			60,
			'How long the endpoints of one Service may take to follow its selector. When it ends, what was switched goes back and the step fails.',
		),
	),
	deadlineMs: ({ timeoutSeconds, workloads }) => (timeoutSeconds * workloads.length + 120) * 1000,
	readParameters: readTimedSet,
	plan: (parameters) => ({ key: '', inputs: setInputs(parameters, parameters.images) }),
	prepare: async (context) => {
		const cluster = await openCluster(context);
		return {
			inverse: asJson({ selectors: await readSelectors(cluster, releaseSetOf(context.parameters, cluster)) }),
		};
	},
	// What an interrupted run has switched counts as done when it runs again; the rest is switched then, or all goes back.
	observe: async (context) => {
		const cluster = await openCluster(context);
		const set = releaseSetOf(context.parameters, cluster);
		const found = await observeSwitch(cluster, set, await timedOptions(context));
		return found ? { outcome: 'done', result: asJson(found) } : 'not-done';
	},
	run: async (context) => {
		const cluster = await openCluster(context);
		const { timeoutMs: settleMs, ...options } = await timedOptions(context);
		const set = releaseSetOf(context.parameters, cluster);
		return { result: asJson(await switchAll(cluster, set, { ...options, settleMs })) };
	},
};
