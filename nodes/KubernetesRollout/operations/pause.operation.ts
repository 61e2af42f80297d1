import { pause as setPaused } from '../../../lib/rollout/deployment/pause';
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

/** Stops a Deployment from rolling changes out. */
export const pause = pausing('pause', true);
/** Lets it roll them out again. */
export const resume = pausing('resume', false);

function pausing(name: string, paused: boolean): Operation<DeploymentParameters> {
	return {
		name,
		kind: 'change',
		alwaysRuns: true,
		description: fieldsOf(name, DEPLOYMENT_FIELDS),
		readParameters: readDeployment,
		plan: (parameters) => ({
			key: parameters.deployment,
			inputs: { ...deploymentInputs(parameters), paused },
		}),
		// It reads before it writes.
		observe: async () => await Promise.resolve('not-done'),
		run: async (context) => {
			const cluster = await openCluster(context);
			return { result: asJson(await setPaused(cluster, placeOf(context, cluster), { paused })) };
		},
	};
}
