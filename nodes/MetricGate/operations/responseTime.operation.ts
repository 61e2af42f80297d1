import { patienceRounds } from '../../../lib/metrics/assessResponseTime';
import { parseMatchers, type SeriesFilter } from '../../../lib/metrics/parseMatchers';
import { watchResponseTime } from '../../../lib/metrics/watchResponseTime';
import type { Json } from '../../../lib/release/model';
import { fieldsOf } from '../../shared/describeOperations';
import type { Operation } from '../../shared/operation';
import { takeSample } from '../../shared/takeSample';
import { gateFields, planOf, readGateParameters, withScraper, type GateParameters } from '../gateFields';

interface Parameters extends GateParameters {
	readonly metric: string;
	readonly matchers: string;
	readonly isCounted: SeriesFilter;
}

/** Measures a quantile of the response times, over all pods. */
export const responseTime: Operation<Parameters> = {
	name: 'responseTime',
	kind: 'verdict',
	description: fieldsOf('responseTime', [
		...gateFields,
		{
			displayName: 'Duration Metric',
			name: 'durationMetric',
			type: 'string',
			default: 'http_request_duration_seconds',
			required: true,
			placeholder: 'e.g. http_request_duration_seconds',
			description: 'The histogram of response times in seconds, without _bucket',
		},
		{
			displayName: 'Request Matchers',
			name: 'matchers',
			type: 'string',
			default: '',
			placeholder: 'e.g. route="/cases"',
			description:
				'Which of its series count, as Prometheus label matchers. Empty for all. Leave out health and metrics pages: they are fast and hide slow ones.',
		},
	]),
	deadlineMs: ({ policy }) => patienceRounds(policy) * policy.sampling.intervalSeconds * 2000 + 60_000,
	readParameters: (context, itemIndex) => {
		const text = (name: string): string => String(context.getNodeParameter(name, itemIndex, '')).trim();
		const matchers = text('matchers');
		return {
			...readGateParameters(context, itemIndex),
			metric: text('durationMetric').replace(/_bucket$/, ''),
			matchers,
			isCounted: parseMatchers(matchers, 'matchers'),
		};
	},
	plan: planOf,
	run: async (context) => {
		const { parameters, clock, signal, log } = context;
		const { policy, metric, matchers } = parameters;
		const { quantile, pass } = policy.responseTimeSeconds;
		const watched = await withScraper(context, async (scraper) => {
			log(`response time of ${scraper.description}`);
			return {
				...(await watchResponseTime(scraper, { ...parameters, clock, signal })),
				target: scraper.description,
			};
		});
		const { verdict, ...measured } = watched;
		const query = `histogram_quantile(${quantile}, sum by (le) (increase(${metric}_bucket{${matchers}}[${Math.round(watched.watchedMs / 1000)}s])))`;
		const result = { metric, limit: pass, limits: policy.responseTimeSeconds, query, ...measured };
		const { target, value, reason } = watched;
		const sample = { metric: 'response-time', target, value, problem: value === null ? reason : '' };
		return { verdict, result: result as unknown as Json, samples: [takeSample(clock, sample)] };
	},
};
