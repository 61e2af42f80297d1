import { restart as restartPods } from '../../../lib/rollout/deployment/restart';
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

/** Replaces every pod of a Deployment, a few at a time. After an interruption nobody can tell whether it was done: a person decides. */
export const restart: Operation<DeploymentParameters> = {
	name: 'restart',
	kind: 'change',
	description: fieldsOf('restart', DEPLOYMENT_FIELDS),
	readParameters: readDeployment,
	plan: (parameters) => ({ key: parameters.deployment, inputs: deploymentInputs(parameters) }),
	run: async (context) => {
		const cluster = await openCluster(context);
		return { result: asJson(await restartPods(cluster, placeOf(context, cluster), { at: context.clock.now() })) };
	},
};
