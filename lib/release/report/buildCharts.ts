import type { Sample, StepRecord } from '../model';
import { describeKey } from './describeText';
import { numberOf, objectOf, objectsOf, textOf } from './jsonFields';
import type { ChartMark, ChartReport, ChartSeries, ReleaseFacts } from './model';
import { thinSamples } from './thinSamples';

/** More lines in one picture cannot be told apart; the JSON says that there were more. */
const SERIES_LIMIT = 6;

const METRICS: ReadonlyArray<Pick<ChartReport, 'metric' | 'title' | 'unit'>> = [
	{ metric: 'error-rate', title: 'Error rate', unit: 'ratio' },
	{ metric: 'response-time', title: 'Response time', unit: 'seconds' },
	{ metric: 'health', title: 'Health', unit: 'health' },
];

/** The measured series of each metric with its limits, and the moments of the release that explain them. */
export function buildCharts(facts: ReleaseFacts): { charts: ChartReport[]; omissions: string[] } {
	const { samples, steps } = facts;
	const known = new Set(METRICS.map(({ metric }) => metric));
	const others = [...new Set(samples.map(({ metric }) => metric))].filter((metric) => !known.has(metric));
	const metrics = [
		...METRICS,
		...others.map((metric) => ({ metric, title: describeKey(metric), unit: 'number' as const })),
	];
	const marks = readMarks(facts);
	const omissions: string[] = [];
	const charts = metrics.map((metric): ChartReport => {
		const own = samples.filter((sample) => sample.metric === metric.metric);
		const targets = [...new Set(own.map(({ target }) => target))];
		if (targets.length > SERIES_LIMIT)
			omissions.push(`The chart "${metric.title}" shows ${SERIES_LIMIT} of ${targets.length} targets.`);
		const series = targets.slice(0, SERIES_LIMIT).map((target) => readSeries(target, own));
		const limits = readLimits(metric.unit, steps);
		return { ...metric, series, limits, marks, emptyBecause: whyEmpty(metric, series, steps) };
	});
	return { charts, omissions };
}

function readSeries(target: string, samples: readonly Sample[]): ChartSeries {
	const own = samples
		.filter((sample) => sample.target === target)
		.toSorted((one, other) => Date.parse(one.takenAt) - Date.parse(other.takenAt));
	const values = own
		.map(({ value }) => value)
		.filter((value) => value !== null && Number.isFinite(value)) as number[];
	return {
		target,
		points: thinSamples(
			own.map(({ takenAt, value }) => ({
				at: takenAt,
				value: value !== null && Number.isFinite(value) ? value : null,
			})),
		),
		samples: own.length,
		withoutData: own.length - values.length,
		lowest: values.length === 0 ? null : values.reduce((least, value) => Math.min(least, value), Infinity),
		highest: values.length === 0 ? null : values.reduce((most, value) => Math.max(most, value), -Infinity),
		last: values.at(-1) ?? null,
	};
}

/** The limits that the latest judging of the metric recorded; those of one value under one name. */
function readLimits(unit: ChartReport['unit'], steps: readonly StepRecord[]): ChartReport['limits'] {
	if (unit !== 'ratio' && unit !== 'seconds') return [];
	const recorded = steps
		.map(({ result }) => objectOf(objectOf(result).limits))
		.findLast((limits) => (unit === 'seconds' ? 'quantile' in limits : 'rollback' in limits));
	if (!recorded) return [];
	const limits: Array<readonly [string, number | undefined]> = [
		['pass', numberOf(recorded.pass)],
		['warning', numberOf(recorded.warning)],
		['critical', numberOf(recorded.critical)],
		['rollback', numberOf(objectOf(recorded.rollback).above)],
	];
	const named = new Map<number, string>();
	for (const [name, value] of limits)
		if (value !== undefined) named.set(value, named.has(value) ? `${named.get(value) ?? ''} and ${name}` : name);
	return [...named].map(([value, name]) => ({ name, value }));
}

function readMarks({ release, steps, gates }: ReleaseFacts): ChartMark[] {
	const finished = (stepKey: string): Date | null | undefined =>
		steps.find((step) => step.stepKey === stepKey && step.state === 'passed')?.finishedAt;
	const marks: Array<{ kind: ChartMark['kind']; at: Date | null | undefined; title: string }> = [
		...gates.map(({ gate }) => ({
			kind: 'gate' as const,
			at: gate.decidedAt,
			title: `${describeKey(gate.gate)} ${gate.state}`,
		})),
		{ kind: 'switch', at: finished('3.2/switch-traffic'), title: 'Traffic switched' },
		{ kind: 'rollback', at: release.rollingBackAt, title: 'Rollback began' },
		{ kind: 'rollback', at: finished('rollback/switch-back'), title: 'Recorded version serves again' },
	];
	return marks
		.flatMap(({ kind, at, title }) => (at ? [{ kind, at: at.toISOString(), title }] : []))
		.sort((one, other) => Date.parse(one.at) - Date.parse(other.at));
}

function whyEmpty(
	{ metric, title }: { metric: string; title: string },
	series: readonly ChartSeries[],
	steps: readonly StepRecord[],
): string {
	if (series.some(({ lowest }) => lowest !== null)) return '';
	if (series.length > 0) return `${title} was asked for, but no sample had data.`;
	const judging = steps.filter((step) => judges(step, metric)).map(({ stepKey }) => stepKey);
	if (judging.length === 0) return `The release did not get as far as measuring it, so there is nothing to draw.`;
	return `${title} was judged (${judging.join(', ')}), but the single samples were not recorded. The judged numbers are among the checks.`;
}

function judges({ stepKey, result }: StepRecord, metric: string): boolean {
	if (stepKey.endsWith(`/${metric}`)) return true;
	return metric === 'health' && objectsOf(objectOf(result).targets).some(({ url }) => textOf(url) !== '');
}
