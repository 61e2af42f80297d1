import { MetricGate } from '../../nodes/MetricGate/MetricGate.node';
import { EXAMPLE_POLICY } from '../lib/metrics/examplePolicy';
import { fakeExecuteContext } from '../support/fakeExecuteContext';
import { sandboxEndpoints } from '../support/sandboxEndpoints';

const { kubernetes } = sandboxEndpoints();

async function measure(change: object = {}) {
	const { context } = fakeExecuteContext({
		parameters: {
			operation: 'resourceUsage',
			policy: EXAMPLE_POLICY,
			namespace: 'production',
			podSelector: 'app=case-management-backend,color=blue',
			looks: 2,
			intervalSeconds: 1.5,
			...change,
		},
		credentials: {
			kubernetesCluster: {
				serverUrl: kubernetes.url,
				certificateAuthority: kubernetes.ca,
				bearerToken: kubernetes.token,
				namespace: 'production',
			},
		},
	});
	const outputs = await new MetricGate().execute.call(context);
	return outputs.flat()[0]?.json.metrics as {
		verdict: string;
		reason: string;
		resources: Array<{ resource: string; value: number; worst: string }>;
	};
}

describe('CPU and memory of the processes that the pods are', () => {
	it('are shares of their limits that a running process can have', async () => {
		const { verdict, resources } = await measure();
		expect(verdict).toBe('passed');
		expect(resources.map(({ resource }) => resource)).toEqual(['cpu', 'memory']);
		for (const { value, worst } of resources) {
			expect(worst).toMatch(/^case-management-backend-blue-.*\/backend$/);
			expect(value).toBeGreaterThan(0);
		}
		// A process of Node holds some tens of mebibytes of its 512.
		expect(resources[1]?.value).toBeGreaterThan(0.04);
	});

	it('fail a policy that they break', async () => {
		const tight = { ...EXAMPLE_POLICY, memory: { pass: 0.01 } };
		expect(await measure({ policy: tight })).toMatchObject({
			verdict: 'failed',
			reason: expect.stringMatching(/uses \d+(\.\d)? % of its memory limit, at most 1 % is allowed$/),
		});
	});

	it('are inconclusive without a pod', async () => {
		expect(await measure({ podSelector: 'app=nobody', intervalSeconds: 0.2 })).toMatchObject({
			verdict: 'inconclusive',
			reason: 'no pod runs',
		});
	});
});
