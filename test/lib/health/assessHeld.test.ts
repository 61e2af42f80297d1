import { assessHeld, giveUpAfterMs, type HealthSample } from '../../../lib/health/assessHeld';
import type { ProbeOutcome } from '../../../lib/health/model';

const RULE = { heldForMs: 120_000, intervalMs: 5_000, minimumSamples: 6 };

function samples(outcome: ProbeOutcome, ...seconds: number[]): HealthSample[] {
	return seconds.map((second) => ({ atMs: second * 1000, outcome }));
}

function every(fromSeconds: number, untilSeconds: number): number[] {
	return Array.from(
		{ length: Math.floor((untilSeconds - fromSeconds) / 5) + 1 },
		(_, index) => fromSeconds + index * 5,
	);
}

describe('assessHeld', () => {
	it.each<[string, HealthSample[], object]>([
		['nothing sampled yet: go on', [], { verdict: undefined }],
		['the first healthy sample passes', samples('ok', 0), { verdict: 'passed' }],
		[
			'a healthy sample after failures passes',
			[...samples('failed', ...every(0, 100)), ...samples('ok', 105)],
			{ verdict: 'passed' },
		],
		['119 s of failure: go on', samples('failed', ...every(0, 115), 119), { verdict: undefined, forMs: 119_000 }],
		[
			'121 s of failure has failed',
			samples('failed', ...every(0, 115), 121),
			{ verdict: 'failed', forMs: 121_000, samples: 25 },
		],
		[
			'a gap within: go on, and fail only when held anew',
			[
				...samples('failed', ...every(0, 60)),
				...samples('gap', 65, 70, 75, 80),
				...samples('failed', ...every(85, 200)),
			],
			{ verdict: undefined, state: 'interrupted' },
		],
		[
			'held anew after the gap has failed',
			[
				...samples('failed', ...every(0, 60)),
				...samples('gap', 65, 70, 75, 80),
				...samples('failed', ...every(85, 205)),
			],
			{ verdict: 'failed', forMs: 120_000 },
		],
		[
			'only gaps to the end are inconclusive',
			samples('gap', ...every(0, 250)),
			{ verdict: 'inconclusive', state: 'unknown' },
		],
		[
			'gaps that keep on interrupting are inconclusive',
			[0, 60, 120, 180, 240].flatMap((at) => [
				...samples('failed', ...every(at, at + 40)),
				...samples('gap', at + 45, at + 50, at + 55),
			]),
			{ verdict: 'inconclusive' },
		],
	])('%s', (_name, given, expected) => {
		expect(assessHeld(given, RULE)).toMatchObject(expected);
	});

	it('watching lasts long enough for the least number of samples', () => {
		expect(giveUpAfterMs({ heldForMs: 10, intervalMs: 1000, minimumSamples: 6 })).toBe(14_000);
	});
});
