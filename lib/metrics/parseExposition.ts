import { metricsErrors } from './errors';
import { readLabels } from './readLabels';
import type { Sample } from './model';

/**
 * Reads Prometheus' text format 0.0.4. Strict where leniency would hide a number: a line it does not know, a last line without
 * its line feed (a cut-off page), a series or a TYPE given twice are errors, never skipped. Timestamps are read and ignored.
 * @throws RunbookError METRICS.EXPOSITION_INVALID with the line's number
 */
export function parseExposition(text: string): readonly Sample[] {
	if (text === '') return [];
	const lines = text.split('\n');
	if (lines.pop() !== '') throw invalid(lines.length + 1, 'it does not end with a line feed, the page was cut off');
	const samples: Sample[] = [];
	const series = new Set<string>();
	const types = new Set<string>();
	for (const [index, line] of lines.entries()) {
		const content = line.replace(/^[ \t]+|[ \t\r]+$/g, '');
		if (content === '') continue;
		if (content.startsWith('#')) {
			readComment(content, { line: index + 1, types });
			continue;
		}
		const sample = readSample(content, index + 1);
		const key = seriesKey(sample);
		if (series.has(key)) throw invalid(index + 1, `the series ${sample.name} is given twice with the same labels`);
		series.add(key);
		samples.push(sample);
	}
	return samples;
}

/** One text per metric name and set of labels, whatever the order of the labels. */
export function seriesKey({ name, labels }: Pick<Sample, 'name' | 'labels'>): string {
	const sorted = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
	return JSON.stringify([name, sorted]);
}

/** A series key as people write it, e.g. `requests_total{status="500"}`. */
export function showSeries(key: string): string {
	const [name, labels] = JSON.parse(key) as [string, ReadonlyArray<readonly [string, string]>];
	if (labels.length === 0) return name;
	return `${name}{${labels.map(([label, value]) => `${label}=${JSON.stringify(value)}`).join(',')}}`;
}

const TYPE_LINE = /^#[ \t]*TYPE[ \t]+(\S+)[ \t]+(\S+)$/;
const TYPES = ['counter', 'gauge', 'histogram', 'summary', 'untyped'];

function readComment(content: string, { line, types }: { line: number; types: Set<string> }): void {
	if (!/^#[ \t]*TYPE[ \t]/.test(content)) return;
	const [, name, type] = TYPE_LINE.exec(content) ?? [];
	if (name === undefined || type === undefined || !TYPES.includes(type))
		throw invalid(line, 'a TYPE that is not one of the format');
	if (types.has(name)) throw invalid(line, `the TYPE of ${name} is given twice`);
	types.add(name);
}

const METRIC_NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*/;
const VALUE_AND_TIME = /^[ \t]+(\S+)(?:[ \t]+(-?\d+))?$/;
const VALUE_AFTER_LABELS = /^[ \t]*(\S+)(?:[ \t]+(-?\d+))?$/;

function readSample(content: string, line: number): Sample {
	const name = METRIC_NAME.exec(content)?.[0];
	if (name === undefined) throw invalid(line, 'it begins with no metric name');
	const afterName = content.slice(name.length);
	const blanks = /^[ \t]*/.exec(afterName)?.[0].length ?? 0;
	const hasLabels = afterName[blanks] === '{';
	const read = hasLabels ? readLabels(afterName, blanks) : { labels: {}, end: 0 };
	if ('problem' in read) throw invalid(line, read.problem);
	const rest = afterName.slice(read.end);
	const value = (hasLabels ? VALUE_AFTER_LABELS : VALUE_AND_TIME).exec(rest)?.[1];
	const number = value === undefined ? undefined : toNumber(value);
	if (number === undefined)
		throw invalid(line, 'after the name and labels there is no value, or more than a value and a timestamp');
	return { name, labels: read.labels, value: number };
}

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const INFINITE = /^([+-]?)inf(?:inity)?$/i;

/** As the format's reference reader (Go's ParseFloat) does for decimals; JavaScript's Number takes "+Inf" for NaN and "" for 0. */
function toNumber(text: string): number | undefined {
	if (DECIMAL.test(text)) return Number(text);
	if (/^[+-]?nan$/i.test(text)) return Number.NaN;
	const infinite = INFINITE.exec(text);
	return infinite ? (infinite[1] === '-' ? -Infinity : Infinity) : undefined;
}

function invalid(line: number, problem: string): Error {
	return metricsErrors.EXPOSITION_INVALID({ line, problem });
}
