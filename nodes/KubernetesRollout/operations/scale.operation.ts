import { scale as scaleTo } from '../../../lib/rollout/deployment/scale';
import { fieldsOf } from '../../shared/describeOperations';
import type { Operation } from '../../shared/operation';
import { readNumber } from '../../shared/readNumber';
import {
	DEPLOYMENT_FIELDS,
	deploymentInputs,
	placeOf,
	readDeployment,
	type DeploymentParameters,
} from '../deploymentFields';
import { openCluster } from '../openCluster';
import { asJson } from '../releaseSet';

interface Parameters extends DeploymentParameters {
	readonly replicas: number;
	/** Undefined: however many there are. */
	readonly expected: number | undefined;
}

const MOST = 10_000;

/** Sets how many replicas a Deployment has, if there are as many as expected. */
export const scale: Operation<Parameters> = {
	name: 'scale',
	kind: 'change',
	alwaysRuns: true,
	description: fieldsOf('scale', [
		...DEPLOYMENT_FIELDS,
		{
			displayName: 'Replicas',
			name: 'replicas',
			type: 'number',
			typeOptions: { minValue: 0, maxValue: MOST },
			default: 1,
			required: true,
			description: 'How many pods it shall have',
		},
		{
			displayName: 'Current Replicas',
			name: 'currentReplicas',
			type: 'number',
			typeOptions: { minValue: -1, maxValue: MOST },
			default: -1,
			description:
				'How many it must ask for now; with any other number nothing is changed. -1 for whatever it is.',
		},
	]),
	readParameters: (context, itemIndex) => {
		const read = (name: string, minimum: number): number =>
			readNumber(context, { itemIndex, name, minimum, maximum: MOST, whole: true });
		const current = read('currentReplicas', -1);
		return {
			...readDeployment(context, itemIndex),
			replicas: read('replicas', 0),
			expected: current < 0 ? undefined : current,
		};
	},
	plan: (parameters) => ({
		key: parameters.deployment,
		inputs: { ...deploymentInputs(parameters), replicas: parameters.replicas },
	}),
	// It reads before it writes.
	observe: async () => await Promise.resolve('not-done'),
	run: async (context) => {
		const cluster = await openCluster(context);
		const { replicas, expected } = context.parameters;
		return { result: asJson(await scaleTo(cluster, placeOf(context, cluster), { replicas, expected })) };
	},
};
