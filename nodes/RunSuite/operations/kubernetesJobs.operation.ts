import type { Json } from '../../../lib/release/model';
import { runSuite } from '../../../lib/validation/suite/runSuite';
import { runSuites } from '../../../lib/validation/suite/runSuites';
import { fieldsOf } from '../../shared/describeOperations';
import type { Operation } from '../../shared/operation';
import { readNumber } from '../../shared/readNumber';
import { suiteCluster } from '../suiteClusterCredential';
import { jobOf, type SuiteOrder } from '../suiteJob';
import { readSuites } from '../suiteList';

interface Parameters {
	readonly orders: readonly SuiteOrder[];
	readonly pollMs: number;
}

/** Runs every suite that a configuration names, one Job after the other, as one step. */
export const kubernetesJobs: Operation<Parameters> = {
	name: 'kubernetesJobs',
	kind: 'verdict',
	description: fieldsOf('kubernetesJobs', [
		{
			displayName: 'Suites',
			name: 'suites',
			type: 'json',
			default: "={{ JSON.stringify($('Configuration').first().json.suites) }}",
			required: true,
			placeholder: 'e.g. [{"name": "smoke", "workload": "api", "command": ["npm", "run", "test:smoke"]}]',
			description:
				'What is run, in this order, up to the first that fails. [] says that there is none: the step then passes and says "not configured".',
		},
		{
			displayName: 'Namespace',
			name: 'namespace',
			type: 'string',
			default: '',
			placeholder: 'e.g. production',
			description: 'Where the Jobs run. Empty to use the one of the credential.',
		},
		{
			displayName: 'Images of the Release',
			name: 'listImages',
			type: 'hidden',
			default: "={{ JSON.stringify($('Release').first().json.release.images) }}",
		},
		{
			displayName: 'Look Every (Seconds)',
			name: 'pollSeconds',
			type: 'number',
			default: 1,
			typeOptions: { minValue: 0.2, maxValue: 60 },
			description: 'How long to wait between two looks at a Job',
		},
	]),
	deadlineMs: ({ orders }) =>
		orders.reduce((sum, { deadlineSeconds }) => sum + deadlineSeconds * 1000 + 120_000, 60_000),
	readParameters: (context, itemIndex) => {
		const namespace: unknown = context.getNodeParameter('namespace', itemIndex, '');
		return {
			orders: readSuites(context, itemIndex, typeof namespace === 'string' ? namespace.trim() : ''),
			pollMs: readNumber(context, { itemIndex, name: 'pollSeconds', minimum: 0.2, maximum: 60 }) * 1000,
		};
	},
	plan: ({ orders }) => ({
		key: '',
		inputs: orders.map(({ suite, image, command, args }) => ({ suite, image, command, args })),
	}),
	run: async ({ parameters: { orders, pollMs }, release, open, clock, signal, log }) => {
		const bySuite = new Map(orders.map((order) => [order.suite, order]));
		const { verdict, ...result } = await runSuites([...bySuite.keys()], async (name) => {
			const order = bySuite.get(name) as SuiteOrder;
			const { cluster, namespace } = await open(suiteCluster);
			const { leastTests } = order;
			return await runSuite(cluster, jobOf(order, { release, namespace }), {
				leastTests,
				pollMs,
				clock,
				signal,
				log,
			});
		});
		return { verdict, result: result as unknown as Json };
	},
};
