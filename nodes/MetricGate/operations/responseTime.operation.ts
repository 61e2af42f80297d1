import { patienceRounds } from '../../../lib/metrics/assessResponseTime';
import { compareDurations } from '../../../lib/metrics/compareWithBaseline';
import { judgeChange } from '../../../lib/metrics/judgeChange';
import { parseMatchers, type SeriesFilter } from '../../../lib/metrics/parseMatchers';
import { watchResponseTime } from '../../../lib/metrics/watchResponseTime';
import type { Json } from '../../../lib/release/model';
import { fieldsOf } from '../../shared/describeOperations';
import type { Operation } from '../../shared/operation';
import { takeSample } from '../../shared/takeSample';
import { BASELINE_STEP, readBaseline } from '../baseline';
import { gateFields, planOf, readGateParameters, withScraper, type GateParameters } from '../gateFields';
import { DURATION_METRIC } from '../seriesFields';

interface Parameters extends GateParameters {
	readonly baselineStep: string;
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
		BASELINE_STEP,
		DURATION_METRIC,
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
			baselineStep: text('baselineStep'),
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
		const { verdict: absolute, reason: found, ...measured } = watched;
		const before = await readBaseline(context);
		const compared =
			before && 'rises' in before && watched.value !== null
				? compareDurations(before.responseTimeSeconds, watched.value, before.allowedSeconds)
				: before && 'verdict' in before
					? before
					: undefined;
		const judged = judgeChange({ verdict: absolute, reason: found }, compared);
		const query = `histogram_quantile(${quantile}, sum by (le) (increase(${metric}_bucket{${matchers}}[${Math.round(watched.watchedMs / 1000)}s])))`;
		const result = { metric, limit: pass, limits: policy.responseTimeSeconds, query, ...measured, ...judged };
		const { target, value, reason } = watched;
		const sample = { metric: 'response-time', target, value, problem: value === null ? reason : '' };
		return { verdict: judged.verdict, result: result as unknown as Json, samples: [takeSample(clock, sample)] };
	},
};
