import { readHistory } from '../../../lib/rollout/deployment/readHistory';
import { fieldsOf } from '../../shared/describeOperations';
import type { Operation } from '../../shared/operation';
import {
	DEPLOYMENT_FIELDS,
	deploymentInputs,
	placeOf,
	readDeployment,
	type DeploymentParameters,
} from '../deploymentFields';
import { openCluster } from '../openCluster';
import { asJson } from '../releaseSet';

/** Lists the revisions that a Deployment can go back to, with images and digests. */
export const history: Operation<DeploymentParameters> = {
	name: 'history',
	kind: 'observe',
	description: fieldsOf('history', DEPLOYMENT_FIELDS),
	readParameters: readDeployment,
	plan: (parameters) => ({ key: parameters.deployment, inputs: deploymentInputs(parameters) }),
	run: async (context) => {
		const cluster = await openCluster(context);
		const { namespace, deployment } = placeOf(context, cluster);
		return { result: asJson(await readHistory(cluster, namespace, deployment)) };
	},
};
