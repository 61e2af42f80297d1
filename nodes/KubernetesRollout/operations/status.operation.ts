import { readStatus } from '../../../lib/rollout/readStatus';
import { fieldsOf } from '../../shared/describeOperations';
import type { Operation } from '../../shared/operation';
import { openCluster } from '../openCluster';
import { asJson, readSet, releaseSetOf, SET_FIELDS, setInputs, type SetParameters } from '../releaseSet';

/** Tells which colour of each workload is live, what it runs and how many endpoints take traffic. */
export const status: Operation<SetParameters> = {
	name: 'status',
	kind: 'observe',
	description: fieldsOf('status', SET_FIELDS),
	readParameters: readSet,
	plan: (parameters) => ({ key: '', inputs: setInputs(parameters) }),
	run: async (context) => {
		const cluster = await openCluster(context);
		return { result: asJson(await readStatus(cluster, releaseSetOf(context.parameters, cluster))) };
	},
};
