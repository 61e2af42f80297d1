import type { ChartSeries } from './model';

type Point = ChartSeries['points'][number];

/** As many points as a chart has pixels to tell apart. */
export const POINT_LIMIT = 600;

/**
 * At most about POINT_LIMIT points that draw the same picture: of each stretch the first, the lowest, the highest and one without data
 * stay, so that no spike and no gap disappears.
 */
export function thinSamples(points: readonly Point[], limit = POINT_LIMIT): Point[] {
	if (points.length <= limit) return [...points];
	const size = Math.ceil(points.length / (limit / 4));
	const kept: Point[] = [];
	for (let start = 0; start < points.length; start += size)
		kept.push(...thinStretch(points.slice(start, start + size)));
	const last = points.at(-1);
	return last === undefined || kept.at(-1) === last ? kept : [...kept, last];
}

function thinStretch(stretch: readonly Point[]): Point[] {
	const valued = stretch.filter(({ value }) => value !== null);
	const by = (better: (one: number, other: number) => boolean): Point | undefined =>
		valued.reduce<Point | undefined>(
			(best, point) => (best === undefined || better(point.value ?? 0, best.value ?? 0) ? point : best),
			undefined,
		);
	const kept = new Set([
		stretch[0],
		by((one, other) => one < other),
		by((one, other) => one > other),
		stretch.find(({ value }) => value === null),
	]);
	return stretch.filter((point) => kept.has(point));
}
