import { parameterErrors } from '../support/errors';
import type { Sample } from './model';
import { readQuoted } from './readLabels';

/** Tells whether a series is meant. */
export type SeriesFilter = (labels: Sample['labels']) => boolean;

const MATCHER = /[ \t]*([a-zA-Z_][a-zA-Z0-9_]*)[ \t]*(=~|!~|!=|=)[ \t]*"/y;
const SEPARATOR = /[ \t]*(,|$)/y;

/**
 * Label matchers as Prometheus writes them: `route="/cases",status=~"5.."`. Patterns cover the whole value; a missing label
 * counts as empty. Empty text matches every series.
 * @throws RunbookError PARAMETER.INVALID naming the field
 */
export function parseMatchers(text: string, field: string): SeriesFilter {
	const filters: SeriesFilter[] = [];
	for (let position = 0; text.slice(position).trim() !== '';) {
		MATCHER.lastIndex = position;
		const [whole, label, operator] = MATCHER.exec(text) ?? [];
		if (whole === undefined || label === undefined || operator === undefined)
			throw invalid(field, 'a matcher is not name="value"');
		const value = readQuoted(text, position + whole.length);
		if ('problem' in value) throw invalid(field, value.problem);
		filters.push(createFilter(label, { operator, value: value.text, field }));
		SEPARATOR.lastIndex = value.end;
		const separator = SEPARATOR.exec(text);
		if (!separator) throw invalid(field, 'between two matchers there is no comma');
		position = value.end + separator[0].length;
	}
	return (labels) => filters.every((filter) => filter(labels));
}

function createFilter(
	label: string,
	{ operator, value, field }: { operator: string; value: string; field: string },
): SeriesFilter {
	const negated = operator.startsWith('!');
	if (!operator.endsWith('~'))
		return (labels) => (Object.hasOwn(labels, label) ? labels[label] === value : value === '') !== negated;
	const pattern = compile(value, field);
	return (labels) => pattern.test((Object.hasOwn(labels, label) ? labels[label] : undefined) ?? '') !== negated;
}

function compile(pattern: string, field: string): RegExp {
	try {
		return new RegExp(`^(?:${pattern})$`, 's');
	} catch (error) {
		throw invalid(field, `"${pattern}" is not a regular expression`, error);
	}
}

function invalid(field: string, problem: string, cause?: unknown): Error {
	return parameterErrors.INVALID(
		{ field, problem, remedy: 'Write label matchers as Prometheus does, e.g. route="/cases",status=~"5.."' },
		cause,
	);
}
