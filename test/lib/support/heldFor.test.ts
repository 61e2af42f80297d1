import { assessHeldFor, type HeldSample } from '../../../lib/support/heldFor';

const RULE = { heldForMs: 120_000, intervalMs: 5_000, minimumSamples: 6 };

/** Samples at these seconds, all breached. */
function breached(...seconds: number[]): HeldSample[] {
	return seconds.map((second) => ({ atMs: second * 1000, outcome: 'breached' }));
}

function every(stepSeconds: number, untilSeconds: number, fromSeconds = 0): number[] {
	return Array.from(
		{ length: Math.floor((untilSeconds - fromSeconds) / stepSeconds) + 1 },
		(_, index) => fromSeconds + index * stepSeconds,
	);
}

const gapAt = (second: number): HeldSample => ({ atMs: second * 1000, outcome: 'gap' });
const clearAt = (second: number): HeldSample => ({ atMs: second * 1000, outcome: 'clear' });

describe('assessHeldFor', () => {
	it.each<[string, HeldSample[], object]>([
		['no sample at all is unknown', [], { state: 'unknown', forMs: 0, samples: 0 }],
		['only gaps are unknown', [gapAt(0), gapAt(5)], { state: 'unknown', forMs: 0, samples: 0 }],
		[
			'119 s of breach is not held',
			breached(...every(5, 115), 119),
			{ state: 'pending', forMs: 119_000, samples: 25 },
		],
		['120 s of breach is held', breached(...every(5, 120)), { state: 'held', forMs: 120_000, samples: 25 }],
		['121 s of breach is held', breached(...every(5, 115), 121), { state: 'held', forMs: 121_000, samples: 25 }],
		[
			'one clear sample within starts the count again',
			[...breached(...every(5, 60)), clearAt(65), ...breached(...every(5, 125, 70))],
			{ state: 'pending', forMs: 55_000, samples: 12 },
		],
		[
			'a clear sample at the end clears',
			[...breached(...every(5, 200)), clearAt(205)],
			{ state: 'clear', forMs: 0, samples: 0 },
		],
		[
			'one missed sample is tolerated',
			[...breached(...every(5, 60)), gapAt(65), ...breached(...every(5, 120, 70))],
			{ state: 'held', forMs: 120_000, samples: 24 },
		],
		[
			'timers that fire a little late make no gap of one missed sample',
			breached(...every(5, 60), 70.4, ...every(5, 120, 75)),
			{ state: 'held', forMs: 120_000, samples: 24 },
		],
		[
			'two missed samples interrupt, and neither fire nor clear',
			breached(...every(5, 60), ...every(5, 130, 75)),
			{ state: 'interrupted', forMs: 55_000, samples: 12 },
		],
		[
			'a breach held anew after an interruption fires',
			breached(...every(5, 60), ...every(5, 195, 75)),
			{ state: 'held', forMs: 120_000, samples: 25 },
		],
		[
			'gaps at the end interrupt',
			[...breached(...every(5, 120)), gapAt(125), gapAt(130), gapAt(135)],
			{ state: 'interrupted', forMs: 120_000, samples: 25 },
		],
		[
			'a gap at the end that is short does not',
			[...breached(...every(5, 120)), gapAt(125)],
			{ state: 'held', forMs: 120_000, samples: 25 },
		],
		[
			'a clock that goes back interrupts',
			breached(...every(5, 120, 60), 30),
			{ state: 'interrupted', forMs: 0, samples: 1 },
		],
	])('%s', (_name, samples, expected) => {
		expect(assessHeldFor(samples, RULE)).toEqual(expected);
	});

	it('too few samples never count as held, however long', () => {
		const rule = { ...RULE, minimumSamples: 26 };
		expect(assessHeldFor(breached(...every(5, 120)), rule).state).toBe('pending');
		expect(assessHeldFor(breached(...every(5, 125)), rule).state).toBe('held');
	});
});
