import { assessUsage } from '../../../../lib/validation/usage/assessUsage';
import type { UsageCluster, UsageLook } from '../../../../lib/validation/usage/model';
import { parseQuantity } from '../../../../lib/validation/usage/parseQuantity';
import { watchUsage } from '../../../../lib/validation/usage/watchUsage';
import { createFakeClock } from '../../../support/fakeClock';

const LIMITS = { cpu: { pass: 0.7, warning: 0.8 }, memory: { pass: 0.8 } };

describe('parseQuantity', () => {
	it.each([
		['0', 0],
		['250m', 0.25],
		['12345678n', 0.012345678],
		['500u', 0.0005],
		['2', 2],
		['1.5', 1.5],
		['.5', 0.5],
		['1e3', 1000],
		['1E3', 1000],
		['2E', 2e18],
		['128Mi', 134_217_728],
		['64M', 64e6],
		['2Gi', 2_147_483_648],
		['7Ki', 7168],
	])('%s is %d', (text, value) => {
		expect(parseQuantity(text)).toBeCloseTo(value, 12);
	});

	it.each(['', 'm', '1 Mi', '1mi', 'NaN', 'Infinity', '1e', '0x10', '1,5', '1MiB'])('%j is none', (text) => {
		expect(parseQuantity(text)).toBeUndefined();
	});
});

/** Pods by name, each with one container `app` of 2 cores and 100 bytes, and its use as [cores, bytes]. */
function look(
	use: Record<string, readonly [number, number] | null>,
	limits: { cpu?: number | null; memory?: number | null } = {},
): UsageLook {
	return {
		pods: Object.keys(use).map((name) => ({ name, containers: [{ name: 'app', cpu: 2, memory: 100, ...limits }] })),
		measured: Object.entries(use).flatMap(([name, used]) =>
			used ? [{ name, containers: [{ name: 'app', cpu: used[0], memory: used[1] }] }] : [],
		),
	};
}

describe('assessUsage', () => {
	it.each([
		['passes at the limit', 'cpu', [look({ a: [1.4, 0] })], 'passed', 'pass', 0.7],
		['fails above it', 'cpu', [look({ a: [1.5, 0] })], 'failed', 'above-pass', 0.75],
		['says when it warns', 'cpu', [look({ a: [1.8, 0] })], 'failed', 'warning', 0.9],
		[
			'judges the busiest pod, not the mean of all',
			'cpu',
			[look({ a: [0.1, 0], b: [1.9, 0] })],
			'failed',
			'warning',
			0.95,
		],
		[
			'averages the looks of a container',
			'cpu',
			[look({ a: [2, 0] }), look({ a: [0.2, 0] })],
			'passed',
			'pass',
			0.55,
		],
		['judges memory', 'memory', [look({ a: [2, 81] })], 'failed', 'above-pass', 0.81],
		['a limit of nothing is exceeded', 'cpu', [look({ a: [0.1, 0] }, { cpu: 0 })], 'failed', 'warning', Infinity],
		['no look', 'cpu', [], 'inconclusive', 'unknown', null],
		['no pod', 'cpu', [look({})], 'inconclusive', 'unknown', null],
		['a pod that is not measured', 'cpu', [look({ a: [0.1, 1], b: null })], 'inconclusive', 'unknown', null],
		[
			'a container without a limit',
			'memory',
			[look({ a: [0.1, 1] }, { memory: null })],
			'inconclusive',
			'unknown',
			null,
		],
		[
			'one look of two that could not be made',
			'cpu',
			[look({ a: [0.1, 1] }), { problem: 'no metrics API' }],
			'inconclusive',
			'unknown',
			null,
		],
	] as const)('%s', (_name, resource, looks, verdict, level, value) => {
		const usage = assessUsage(resource, looks, LIMITS);
		expect(usage).toMatchObject({ verdict, level });
		if (value === null || value === Infinity) expect(usage.value).toBe(value);
		else expect(usage.value).toBeCloseTo(value, 9);
	});

	it('names the container, its share and the limit', () => {
		expect(assessUsage('cpu', [look({ 'api-1': [1.5, 0] })], LIMITS).reason).toBe(
			'api-1/app uses 75 % of its cpu limit, at most 70 % is allowed',
		);
		expect(assessUsage('memory', [look({ 'api-1': [1, 0] }, { memory: null })], LIMITS).reason).toBe(
			'api-1/app has no memory limit to judge by',
		);
	});
});

describe('watchUsage', () => {
	const watch = async (looks: readonly UsageLook[], wanted = 2) => {
		const clock = createFakeClock();
		let made = 0;
		const cluster: UsageCluster = {
			look: async () => looks[Math.min(made++, looks.length - 1)]!,
			close: async () => undefined,
		};
		const signal = new AbortController().signal;
		const watched = await watchUsage(cluster, { limits: LIMITS, looks: wanted, intervalMs: 1000, clock, signal });
		return { ...watched, ms: clock.monotonicMs() };
	};

	it('takes as many looks as asked', async () => {
		expect(await watch([look({ a: [0.2, 10] })])).toMatchObject({ verdict: 'passed', ms: 1000 });
	});

	it('waits for pods that are not measured yet, and judges the looks after that', async () => {
		const early = look({ a: [0.2, 10], b: null });
		expect(await watch([early, early, look({ a: [0.2, 10], b: [1.9, 10] })])).toMatchObject({
			verdict: 'failed',
			reason: 'b/app uses 95 % of its cpu limit, at most 70 % is allowed',
			ms: 3000,
		});
	});

	it('is inconclusive with the reason when that never comes', async () => {
		const problem = 'the cluster has no metrics API (metrics.k8s.io)';
		expect(await watch([{ problem }])).toMatchObject({ verdict: 'inconclusive', reason: problem, ms: 11_000 });
	});
});
