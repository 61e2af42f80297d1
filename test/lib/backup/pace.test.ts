import { assessFit, type Pace } from '../../../lib/backup/pace';

const GB = 1e9;
const MINUTE = 60_000;
const pace = (gigabytes: number, minutes: number): Pace => ({ sourceBytes: gigabytes * GB, tookMs: minutes * MINUTE });

test.each<[string, number, readonly Pace[], boolean, number]>([
	['nothing is known, and it is small', 9 * GB, [], true, 10],
	['nothing is known, and it is large', 18 * GB, [], false, 20],
	['the last one was as large and quick', 18 * GB, [pace(18, 5)], true, 5],
	['it has grown', 36 * GB, [pace(18, 10)], false, 20],
	['exactly as long as there is', 15 * GB, [pace(15, 15)], true, 15],
	['the slowest counts', 10 * GB, [pace(10, 4), pace(10, 20), pace(10, 4)], false, 20],
	['much smaller ones say nothing', 9 * GB, [pace(0.001, 10), pace(4.4, 1)], true, 10],
	['an empty database', 0, [pace(1, 1)], true, 0],
])('%s', (_what, sourceBytes, earlier, fits, minutes) => {
	const assessment = assessFit(sourceBytes, 15 * MINUTE, earlier);
	expect(assessment).toEqual({ fits, estimateMs: minutes * MINUTE, basis: expect.any(String) });
});

test('what the estimate goes by is told', () => {
	expect(assessFit(GB, MINUTE, [pace(1, 1), pace(1, 2)]).basis).toBe('by the slowest of the last 2 verified');
	expect(assessFit(GB, MINUTE, []).basis).toMatch(/^assuming 15 MB of the database per second/);
});
