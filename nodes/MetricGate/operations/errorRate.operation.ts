import { watchBounds, type ErrorRateSample } from '../../../lib/metrics/assessErrorRate';
import { compareErrorRates } from '../../../lib/metrics/compareWithBaseline';
import { judgeChange } from '../../../lib/metrics/judgeChange';
import { watchErrorRate } from '../../../lib/metrics/watchErrorRate';
import type { Json, Sample } from '../../../lib/release/model';
import type { Clock } from '../../../lib/support/clock';
import { fieldsOf } from '../../shared/describeOperations';
import type { Operation } from '../../shared/operation';
import { takeSample } from '../../shared/takeSample';
import { BASELINE_STEP, readBaseline } from '../baseline';
import { gateFields, planOf, withScraper } from '../gateFields';
import { ERROR_MATCHERS, readSeries, REQUEST_MATCHERS, REQUESTS_METRIC, type SeriesParameters } from '../seriesFields';

interface Parameters extends SeriesParameters {
	readonly baselineStep: string;
	readonly metric: string;
}

/** Measures which share of the requests fails, over all pods. */
export const errorRate: Operation<Parameters> = {
	name: 'errorRate',
	kind: 'verdict',
	description: fieldsOf('errorRate', [
		...gateFields,
		BASELINE_STEP,
		REQUESTS_METRIC,
		ERROR_MATCHERS,
		REQUEST_MATCHERS,
	]),
	deadlineMs: ({ policy }) => watchBounds(policy).limitMs + 60_000,
	readParameters: (context, itemIndex) => {
		const series = readSeries(context, itemIndex);
		const baselineStep = String(context.getNodeParameter('baselineStep', itemIndex, '')).trim();
		return { ...series, metric: series.requestsMetric, baselineStep };
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
		const { verdict: absolute, reason, held, readings, ...measured } = watched;
		const baseline = await readBaseline(context);
		const compared =
			baseline && 'rises' in baseline
				? compareErrorRates(
						baseline.errorRate,
						{ total: watched.requests, bad: watched.errors },
						baseline.rises,
					)
				: baseline;
		const judged = judgeChange({ verdict: absolute, reason }, compared);
		const limit = absolute === 'failed' ? policy.errorRate.rollback.above : policy.errorRate.pass;
		const query = describeQuery(metric, { ...parameters, watchedMs: watched.watchedMs });
		const result = { metric, limit, limits: policy.errorRate, query, ...measured, ...judged, held: { ...held } };
		const samples = readings.flatMap((reading) => readingSamples(clock, watched.target, reading));
		return { verdict: judged.verdict, result: result as unknown as Json, samples };
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

function describeQuery(
	metric: string,
	{ matchers, errorMatchers, watchedMs }: { matchers: string; errorMatchers: string; watchedMs: number },
): string {
	const range = `[${Math.round(watchedMs / 1000)}s]`;
	const errors = [matchers, errorMatchers].filter((part) => part !== '').join(',');
	return `sum(increase(${metric}{${errors}}${range})) / sum(increase(${metric}{${matchers}}${range}))`;
}
