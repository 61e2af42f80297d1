import { listPods as list } from '../../../lib/rollout/listPods';
import { fieldsOf } from '../../shared/describeOperations';
import type { Operation } from '../../shared/operation';
import { openCluster } from '../openCluster';
import { asJson, readSet, releaseSetOf, SET_FIELDS, setInputs, type SetParameters } from '../releaseSet';

/** Lists the pods of both colours, with digest, restarts and what they wait for. */
export const listPods: Operation<SetParameters> = {
	name: 'listPods',
	kind: 'observe',
	description: fieldsOf('listPods', SET_FIELDS),
	readParameters: readSet,
	plan: (parameters) => ({ key: '', inputs: setInputs(parameters) }),
	run: async (context) => {
		const cluster = await openCluster(context);
		return { result: asJson(await list(cluster, releaseSetOf(context.parameters, cluster))) };
	},
};
