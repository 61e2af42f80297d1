import { thresholdPolicy, type ThresholdPolicy } from '../../../lib/metrics/policy';
import type { Json } from '../../../lib/release/model';
import { parameterErrors } from '../../../lib/support/errors';
import { createUsageCluster } from '../../../lib/validation/usage/usageCluster.client';
import { watchUsage } from '../../../lib/validation/usage/watchUsage';
import { fieldsOf } from '../../shared/describeOperations';
import type { Operation, ParameterReader } from '../../shared/operation';
import { podProxyCredential } from '../../shared/podProxyCredential';
import { readJson } from '../../shared/readJson';
import { readNumber } from '../../shared/readNumber';
import { takeSample } from '../../shared/takeSample';

interface Parameters {
	readonly policy: ThresholdPolicy;
	readonly namespace: string;
	readonly podSelector: string;
	readonly looks: number;
	readonly intervalMs: number;
}

/** Measures CPU and memory of every container as shares of their limits, by the metrics API of the cluster. */
export const resourceUsage: Operation<Parameters> = {
	name: 'resourceUsage',
	kind: 'verdict',
	description: fieldsOf('resourceUsage', [
		{
			displayName: 'Threshold Policy',
			name: 'policy',
			type: 'json',
			default: "={{ JSON.stringify($('Configuration').first().json.policy) }}",
			required: true,
			placeholder: 'e.g. {"cpu": {"pass": 0.7, "warning": 0.8}, "memory": {"pass": 0.8}, …}',
			description: 'The one policy of limits; its shares of cpu and memory are judged here',
		},
		// The credential of the node is shown for pods.
		{ displayName: 'Source', name: 'source', type: 'hidden', default: 'pods' },
		{
			displayName: 'Namespace',
			name: 'namespace',
			type: 'string',
			default: 'production',
			required: true,
			placeholder: 'e.g. production',
			description: 'The namespace of the pods',
		},
		{
			displayName: 'Pod Selector',
			name: 'podSelector',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. app=case-management-backend,color=green',
			description: 'Label selector of the pods that are measured, all of them. Each container needs limits.',
		},
		{
			displayName: 'Looks',
			name: 'looks',
			type: 'number',
			default: 3,
			typeOptions: { minValue: 1, maxValue: 100 },
			description: 'How many measurements are averaged, for each container',
		},
		{
			displayName: 'Look Every (Seconds)',
			name: 'intervalSeconds',
			type: 'number',
			default: 15,
			typeOptions: { minValue: 0.2, maxValue: 300 },
			description: 'How long to wait between two looks; the metrics API measures anew every 15 seconds or so',
		},
	]),
	deadlineMs: ({ looks, intervalMs }) => (looks + 12) * (intervalMs + 10_000),
	readParameters: (context, itemIndex) => ({
		policy: readJson(context, {
			itemIndex,
			name: 'policy',
			schema: thresholdPolicy,
			remedy: 'Correct the threshold policy: limits are shares from 0 to 1',
		}),
		namespace: readFilled(context, itemIndex, 'namespace'),
		podSelector: readFilled(context, itemIndex, 'podSelector'),
		looks: readNumber(context, { itemIndex, name: 'looks', minimum: 1, maximum: 100, whole: true }),
		intervalMs: readNumber(context, { itemIndex, name: 'intervalSeconds', minimum: 0.2, maximum: 300 }) * 1000,
	}),
	plan: ({ namespace, podSelector }) => ({ key: '', inputs: { namespace, podSelector } }),
	run: async ({ parameters, clock, signal, open }) => {
		const { policy, namespace, podSelector } = parameters;
		const cluster = await createUsageCluster(await open(podProxyCredential), { namespace, podSelector });
		try {
			const { verdict, ...watched } = await watchUsage(cluster, { ...parameters, limits: policy, clock, signal });
			const samples = watched.resources.map(({ resource, value, reason }) =>
				takeSample(clock, {
					metric: resource,
					target: `pods ${podSelector} in ${namespace}`,
					value,
					problem: value === null ? reason : '',
				}),
			);
			return { verdict, result: watched as unknown as Json, samples };
		} finally {
			await cluster.close();
		}
	},
};

function readFilled(context: ParameterReader, itemIndex: number, field: string): string {
	const value = String(context.getNodeParameter(field, itemIndex, '')).trim();
	if (value !== '') return value;
	const remedy = 'Fill it in: without it every pod of the cluster would be meant';
	throw parameterErrors.INVALID({ field, problem: 'it is empty', remedy });
}
