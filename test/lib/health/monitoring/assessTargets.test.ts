import { assessTargets } from '../../../../lib/health/monitoring/assessTargets';
import type { ScrapedTarget } from '../../../../lib/health/monitoring/model';

const target = (change: Partial<ScrapedTarget> = {}): ScrapedTarget => ({
	name: 'backend http://10.0.0.1/metrics',
	health: 'up',
	error: '',
	ageMs: 10_000,
	intervalMs: 15_000,
	...change,
});

describe('assessTargets', () => {
	it.each<[string, ScrapedTarget[], string, RegExp]>([
		['all are up and fresh', [target(), target()], 'passed', /^2 targets are up and fresh$/],
		['two intervals old', [target({ ageMs: 31_000 })], 'passed', /fresh/],
		[
			'older than that',
			[target(), target({ ageMs: 32_000 })],
			'failed',
			/last scraped 32 s ago, every 15 s is due$/,
		],
		['down', [target(), target({ health: 'down', error: 'refused' })], 'failed', /is down: refused$/],
		['never scraped', [target({ health: 'unknown', ageMs: null })], 'inconclusive', /not scraped yet$/],
		['up, and never scraped', [target({ ageMs: null })], 'inconclusive', /not scraped yet$/],
		['an interval that nobody can tell', [target({ intervalMs: 0 })], 'failed', /last scraped/],
		['a clock that went back', [target({ ageMs: 0 })], 'passed', /fresh/],
		['nothing to scrape', [], 'inconclusive', /no target$/],
	])('%s', (_, targets, verdict, reason) => {
		const assessed = assessTargets(targets);
		expect(assessed.verdict).toBe(verdict);
		expect(assessed.reason).toMatch(reason);
	});
});
