import type { INodeProperties } from 'n8n-workflow';
import { parseMatchers, type SeriesFilter } from '../../lib/metrics/parseMatchers';
import { parameterErrors } from '../../lib/support/errors';
import type { ParameterReader } from '../shared/operation';
import { readGateParameters, type GateParameters } from './gateFields';

export const REQUESTS_METRIC: INodeProperties = {
	displayName: 'Requests Metric',
	name: 'requestsMetric',
	type: 'string',
	default: 'http_requests_total',
	required: true,
	placeholder: 'e.g. http_requests_total',
	description:
		'The counter of requests. What it rises by between two readings is counted, restarts of a pod taken into account.',
};

export const ERROR_MATCHERS: INodeProperties = {
	displayName: 'Error Matchers',
	name: 'errorMatchers',
	type: 'string',
	default: 'status=~"5.."',
	required: true,
	placeholder: 'e.g. status=~"5.."',
	description: 'Which of its series are errors, as Prometheus label matchers',
};

export const DURATION_METRIC: INodeProperties = {
	displayName: 'Duration Metric',
	name: 'durationMetric',
	type: 'string',
	default: 'http_request_duration_seconds',
	required: true,
	placeholder: 'e.g. http_request_duration_seconds',
	description: 'The histogram of response times in seconds, without _bucket',
};

export const REQUEST_MATCHERS: INodeProperties = {
	displayName: 'Request Matchers',
	name: 'matchers',
	type: 'string',
	default: '',
	placeholder: 'e.g. route!~"/health|/metrics"',
	description: 'Which of its series count at all, as Prometheus label matchers. Empty for all.',
};

/** Which series are counted, and how. */
export interface SeriesParameters extends GateParameters {
	readonly requestsMetric: string;
	/** Without `_bucket`. */
	readonly durationMetric: string;
	readonly matchers: string;
	readonly errorMatchers: string;
	readonly isCounted: SeriesFilter;
	readonly isError: SeriesFilter;
}

/** @throws RunbookError PARAMETER.INVALID */
export function readSeries(context: ParameterReader, itemIndex: number): SeriesParameters {
	const text = (name: string): string => String(context.getNodeParameter(name, itemIndex, '')).trim();
	const [matchers, errorMatchers] = [text('matchers'), text('errorMatchers')];
	return {
		...readGateParameters(context, itemIndex),
		requestsMetric: text('requestsMetric'),
		durationMetric: text('durationMetric').replace(/_bucket$/, ''),
		matchers,
		errorMatchers,
		isCounted: parseMatchers(matchers, 'matchers'),
		isError: parseMatchers(requireText(errorMatchers, 'errorMatchers'), 'errorMatchers'),
	};
}

/** What is not said would be nothing, or everything. @throws RunbookError PARAMETER.INVALID */
export function requireText(text: string, field: string): string {
	if (text !== '') return text;
	throw parameterErrors.INVALID({
		field,
		problem: 'it is empty',
		remedy: 'Say which requests are errors, e.g. status=~"5.."',
	});
}
