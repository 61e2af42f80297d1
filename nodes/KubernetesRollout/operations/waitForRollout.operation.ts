import { waitForRollout as wait } from '../../../lib/rollout/waitForRollout';
import { worstVerdict } from '../../../lib/support/verdict';
import { fieldsOf } from '../../shared/describeOperations';
import type { Operation } from '../../shared/operation';
import { openCluster } from '../openCluster';
import { asJson, releaseSetOf, setInputs } from '../releaseSet';
import { readTimedSet, timedOptions, timedSetFields, type TimedParameters } from '../timedSet';

/** Waits until the idle colour runs its image with all replicas available. A pod that cannot come up fails it at once. */
export const waitForRollout: Operation<TimedParameters> = {
	name: 'waitForRollout',
	kind: 'verdict',
	description: fieldsOf(
		'waitForRollout',
		timedSetFields(
			300,
			'How long all workloads together may take. When it ends the verdict is "failed" and names what was missing.',
		),
	),
	deadlineMs: ({ timeoutSeconds }) => (timeoutSeconds + 120) * 1000,
	readParameters: readTimedSet,
	plan: (parameters) => ({ key: '', inputs: setInputs(parameters, parameters.images) }),
	run: async (context) => {
		const cluster = await openCluster(context);
		const set = releaseSetOf(context.parameters, cluster);
		const result = await wait(cluster, set, await timedOptions(context));
		return { result: asJson(result), verdict: worstVerdict(result.workloads.map(({ verdict }) => verdict)) };
	},
};
