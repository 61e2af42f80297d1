import { thresholdPolicy } from '../../../lib/metrics/policy';
import { EXAMPLE_POLICY } from './examplePolicy';

type Change = { readonly [key: string]: unknown };

function changed(path: string, value: unknown): unknown {
	const copy = structuredClone(EXAMPLE_POLICY) as unknown as Record<string, Change>;
	const keys = path.split('.');
	const last = keys.pop() ?? '';
	const parent = keys.reduce<Record<string, unknown>>((object, key) => object[key] as Record<string, unknown>, copy);
	parent[last] = value;
	return copy;
}

describe('thresholdPolicy', () => {
	it('takes the runbook’s own numbers', () => {
		expect(thresholdPolicy.parse(EXAMPLE_POLICY)).toEqual(EXAMPLE_POLICY);
	});

	it.each([
		['errorRate.pass', 5, 'errorRate.pass', 'is a share between 0 and 1: 5 % is 0.05'],
		['errorRate.pass', 0.02, 'errorRate.warning', 'must not be below errorRate.pass'],
		['errorRate.critical', 0.001, 'errorRate.critical', 'must not be below errorRate.warning'],
		['errorRate.rollback.above', 0.05, 'errorRate.rollback.above', 'must be above errorRate.critical'],
		[
			'errorRate.rollback.heldForSeconds',
			4,
			'errorRate.rollback.heldForSeconds',
			'must not be shorter than sampling.intervalSeconds',
		],
		['responseTimeSeconds.pass', 0.6, 'responseTimeSeconds.warning', 'must not be below responseTimeSeconds.pass'],
		[
			'responseTimeSeconds.critical',
			0.4,
			'responseTimeSeconds.critical',
			'must not be below responseTimeSeconds.warning',
		],
		['responseTimeSeconds.quantile', 95, 'responseTimeSeconds.quantile', 'must be below 1: 95 % is 0.95'],
		['cpu.warning', 0.6, 'cpu.warning', 'must not be below cpu.pass'],
		['sampling.minimumSamples', 0, 'sampling.minimumSamples', 'must be at least 1'],
		['sampling.intervalSeconds', Number.NaN, 'sampling.intervalSeconds', 'Expected number, received nan'],
		['memory.pass', '0.8', 'memory.pass', 'Expected number, received string'],
		[
			'health.rollback.heldForSeconds',
			601,
			'watch.windowSeconds',
			'must not be shorter than health.rollback.heldForSeconds',
		],
		['errorRate.rollbck', {}, 'errorRate', "Unrecognized key(s) in object: 'rollbck'"],
		['errorRate.rollback', undefined, 'errorRate.rollback', 'Required'],
	])('%s = %p is refused at %s', (path, value, field, message) => {
		const issues = thresholdPolicy.safeParse(changed(path, value)).error?.issues ?? [];
		expect([issues[0]?.path.join('.'), issues[0]?.message]).toEqual([field, message]);
	});
});
