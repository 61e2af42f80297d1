import { checkAccess as check } from '../../../lib/rollout/access/checkAccess';
import { fieldsOf } from '../../shared/describeOperations';
import { kubernetesCluster } from '../../shared/kubernetesCredential';
import type { Operation } from '../../shared/operation';
import { asJson, readSet, releaseSetOf, SET_FIELDS, setInputs, type SetParameters } from '../releaseSet';

interface Parameters extends SetParameters {
	readonly freeze: boolean;
}

/** Asks the API whether the credential may do all that a release does, before it does the first of it. */
export const checkAccess: Operation<Parameters> = {
	name: 'checkAccess',
	kind: 'verdict',
	description: fieldsOf('checkAccess', [
		...SET_FIELDS,
		{
			displayName: 'Writers Too',
			name: 'freeze',
			type: 'boolean',
			default: true,
			description: 'Whether it must be allowed to freeze the writers, too: to list and patch autoscalers',
		},
	]),
	readParameters: (context, itemIndex) => ({
		...readSet(context, itemIndex),
		freeze: context.getNodeParameter('freeze', itemIndex, true) === true,
	}),
	plan: (parameters) => ({ key: '', inputs: { ...setInputs(parameters), freeze: parameters.freeze } }),
	run: async (context) => {
		const cluster = await context.open(kubernetesCluster);
		const { freeze } = context.parameters;
		const checked = await check(cluster, releaseSetOf(context.parameters, cluster), { freeze });
		return { result: asJson(checked), verdict: checked.verdict };
	},
};
