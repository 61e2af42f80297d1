import { watchBounds, type ErrorRateSample } from '../../../lib/metrics/assessErrorRate';
import { parseMatchers, type SeriesFilter } from '../../../lib/metrics/parseMatchers';
import { watchErrorRate } from '../../../lib/metrics/watchErrorRate';
import type { Json, Sample } from '../../../lib/release/model';
import type { Clock } from '../../../lib/support/clock';
import { parameterErrors } from '../../../lib/support/errors';
import { fieldsOf } from '../../shared/describeOperations';
import type { Operation } from '../../shared/operation';
import { takeSample } from '../../shared/takeSample';
import { gateFields, planOf, readGateParameters, withScraper, type GateParameters } from '../gateFields';

interface Parameters extends GateParameters {
	readonly metric: string;
	readonly matchers: string;
	readonly errorMatchers: string;
	readonly isCounted: SeriesFilter;
	readonly isError: SeriesFilter;
}

/** Measures which share of the requests fails, over all pods. */
export const errorRate: Operation<Parameters> = {
	name: 'errorRate',
	kind: 'verdict',
	description: fieldsOf('errorRate', [
		...gateFields,
		{
			displayName: 'Requests Metric',
			name: 'requestsMetric',
			type: 'string',
			default: 'http_requests_total',
			required: true,
			placeholder: 'e.g. http_requests_total',
			description:
				'The counter of requests. What it rises by between two readings is counted, restarts of a pod taken into account.',
		},
		{
			displayName: 'Error Matchers',
			name: 'errorMatchers',
			type: 'string',
			default: 'status=~"5.."',
			required: true,
			placeholder: 'e.g. status=~"5.."',
			description: 'Which of its series are errors, as Prometheus label matchers',
		},
		{
			displayName: 'Request Matchers',
			name: 'matchers',
			type: 'string',
			default: '',
			placeholder: 'e.g. route!~"/health|/metrics"',
			description: 'Which of its series count at all, as Prometheus label matchers. Empty for all.',
		},
	]),
	deadlineMs: ({ policy }) => watchBounds(policy).limitMs + 60_000,
	readParameters: (context, itemIndex) => {
		const text = (name: string): string => String(context.getNodeParameter(name, itemIndex, '')).trim();
		const [matchers, errorMatchers] = [text('matchers'), text('errorMatchers')];
		return {
			...readGateParameters(context, itemIndex),
			metric: text('requestsMetric'),
			matchers,
			errorMatchers,
			isCounted: parseMatchers(matchers, 'matchers'),
			isError: parseMatchers(requireText(errorMatchers, 'errorMatchers'), 'errorMatchers'),
		};
	},
	plan: planOf,
	run: async (context) => {
		const { parameters, clock, signal, log } = context;
		const { policy, metric } = parameters;
		const watched = await withScraper(context, async (scraper) => {
			log(`error rate of ${scraper.description}`);
			return {
				...(await watchErrorRate(scraper, { ...parameters, clock, signal })),
				target: scraper.description,
			};
		});
		const { verdict, held, readings, ...measured } = watched;
		const limit = verdict === 'failed' ? policy.errorRate.rollback.above : policy.errorRate.pass;
		const query = describeQuery(metric, { ...parameters, watchedMs: watched.watchedMs });
		const result = { metric, limit, limits: policy.errorRate, query, ...measured, held: { ...held } };
		const samples = readings.flatMap((reading) => readingSamples(clock, watched.target, reading));
		return { verdict, result: result as unknown as Json, samples };
	},
};

/** The reading where counting begins has nothing to say; one without requests has no value. */
function readingSamples(
	clock: Clock,
	target: string,
	{ atMs, round, comparable, requests, errors }: ErrorRateSample,
): Sample[] {
	const problem = round.state === 'measured' ? '' : round.reason;
	if (problem === '' && !comparable) return [];
	const value = problem === '' && requests > 0 ? errors / requests : null;
	return [
		takeSample(clock, {
			atMs,
			metric: 'error-rate',
			target,
			value,
			problem: problem || (value === null ? 'no requests' : ''),
		}),
	];
}

function requireText(text: string, field: string): string {
	if (text !== '') return text;
	throw parameterErrors.INVALID({
		field,
		problem: 'it is empty',
		remedy: 'Say which requests are errors, e.g. status=~"5.."',
	});
}

function describeQuery(
	metric: string,
	{ matchers, errorMatchers, watchedMs }: { matchers: string; errorMatchers: string; watchedMs: number },
): string {
	const range = `[${Math.round(watchedMs / 1000)}s]`;
	const errors = [matchers, errorMatchers].filter((part) => part !== '').join(',');
	return `sum(increase(${metric}{${errors}}${range})) / sum(increase(${metric}{${matchers}}${range}))`;
}
