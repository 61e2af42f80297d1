import type { ChartMark, ChartReport } from '../model';

/** Where everything of a chart lies: percentages from the left and from the bottom; paths in a square of 1000. */
export interface ChartLayout {
	readonly paths: readonly string[];
	readonly yTicks: ReadonlyArray<{ readonly value: number; readonly percent: number }>;
	readonly xTicks: ReadonlyArray<{
		readonly text: string;
		readonly percent: number;
		readonly place: 'first' | 'middle' | 'last';
	}>;
	readonly limits: ReadonlyArray<{ readonly name: string; readonly value: number; readonly percent: number }>;
	/** Limits that lie so far above every value that drawing them would flatten the line. */
	readonly limitsAbove: ReadonlyArray<{ readonly name: string; readonly value: number }>;
	readonly marks: ReadonlyArray<
		ChartMark & { readonly letter: string; readonly level: number; readonly percent: number }
	>;
	/** How many levels the letters need above the first, so that close ones do not hide each other on a phone. */
	readonly levels: number;
	/** Moments before the first or after the last sample. */
	readonly outside: readonly ChartMark[];
	/** Where samples without data lie. */
	readonly gaps: readonly number[];
}

const SIZE = 1000;
/** A limit this many times the highest value or the lowest limit is named beside the picture instead of drawn. */
const FLATTENS = 25;

/** Lays a chart out; undefined for one without a single value. */
export async function layoutChart(chart: ChartReport): Promise<ChartLayout | undefined> {
	if (chart.emptyBecause !== '') return undefined;
	const { scaleLinear, scaleUtc } = await import('d3-scale');
	const { curveStepAfter, line } = await import('d3-shape');
	const { series, marks, limits } = chart;
	const times = series.flatMap(({ points }) => points.map(({ at }) => Date.parse(at)));
	const [first, last] = [least(times), most(times)];
	const marginMs = Math.max(1000, (last - first) * 0.02);
	const [from, until] = [first - marginMs, last + marginMs];
	const highest = most(series.map((one) => one.highest ?? 0));
	const lowestLimit = least(limits.map(({ value }) => value));
	const drawn = limits.filter(({ value }) => value <= Math.max(highest, lowestLimit) * FLATTENS);
	const x = scaleUtc().domain([from, until]).range([0, SIZE]);
	const top = chart.unit === 'health' ? 1 : Math.max(highest, ...drawn.map(({ value }) => value)) * 1.08 || 1;
	const y = scaleLinear()
		.domain([Math.min(0, least(series.map((one) => one.lowest ?? 0))), top])
		.range([SIZE, 0]);
	const path = line<{ readonly at: string; readonly value: number | null }>()
		.defined(({ value }) => value !== null)
		.x(({ at }) => x(Date.parse(at)))
		.y(({ value }) => y(value ?? 0))
		.digits(1);
	const draw = chart.unit === 'health' ? path.curve(curveStepAfter) : path;
	const inside = ({ at }: ChartMark): boolean => Date.parse(at) >= from && Date.parse(at) <= until;
	const yTicks = chart.unit === 'health' ? [0, 1] : y.ticks(4);
	const percentOf = (at: number): number => rounded(x(at) / 10);
	const lettered = letterMarks(marks.filter(inside), percentOf);
	return {
		paths: series.map(({ points }) => draw(points) ?? ''),
		yTicks: yTicks.map((value) => ({ value, percent: height(value) })),
		xTicks: tickTimes(from, until).map((at, index, all) => ({
			text: new Date(at).toISOString().slice(11, 19),
			percent: percentOf(at),
			place:
				index === 0 ? ('first' as const) : index === all.length - 1 ? ('last' as const) : ('middle' as const),
		})),
		limits: drawn.map((limit) => ({ ...limit, percent: height(limit.value) })),
		limitsAbove: limits.filter((limit) => !drawn.includes(limit)),
		marks: lettered,
		levels: lettered.reduce((top, { level }) => Math.max(top, level), 0),
		outside: marks.filter((mark) => !inside(mark)),
		gaps: [
			...new Set(
				series.flatMap(({ points }) =>
					points.filter(({ value }) => value === null).map(({ at }) => percentOf(Date.parse(at))),
				),
			),
		],
	};

	function height(value: number): number {
		return rounded((SIZE - y(value)) / 10);
	}
}

/** Marks closer to each other than this share of the width, in percent, stand on different levels. */
const CLOSE_PERCENT = 7;

function letterMarks(marks: readonly ChartMark[], percentOf: (at: number) => number): ChartLayout['marks'] {
	const lettered: Array<ChartLayout['marks'][number]> = [];
	for (const [index, mark] of marks.entries()) {
		const percent = percentOf(Date.parse(mark.at));
		const close = lettered.filter((other) => percent - other.percent < CLOSE_PERCENT).map(({ level }) => level);
		let level = 0;
		while (close.includes(level)) level += 1;
		lettered.push({ ...mark, letter: letterOf(index), level, percent });
	}
	return lettered;
}

function tickTimes(from: number, until: number): number[] {
	return [0, 0.25, 0.5, 0.75, 1].map((share) => from + (until - from) * share);
}

function letterOf(index: number): string {
	return index < 26 ? String.fromCharCode(65 + index) : String(index + 1);
}

function rounded(value: number): number {
	return Math.round(value * 100) / 100;
}

/** Not Math.min(...): thousands of arguments overflow the stack. */
function least(values: readonly number[]): number {
	return values.reduce((one, other) => Math.min(one, other), Infinity);
}

function most(values: readonly number[]): number {
	return values.reduce((one, other) => Math.max(one, other), -Infinity);
}
