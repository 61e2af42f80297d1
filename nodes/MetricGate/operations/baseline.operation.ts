import { watchBounds } from '../../../lib/metrics/assessErrorRate';
import { patienceRounds } from '../../../lib/metrics/assessResponseTime';
import { watchErrorRate } from '../../../lib/metrics/watchErrorRate';
import { watchResponseTime } from '../../../lib/metrics/watchResponseTime';
import type { Json } from '../../../lib/release/model';
import { fieldsOf } from '../../shared/describeOperations';
import type { Operation } from '../../shared/operation';
import { gateFields, planOf, withScraper } from '../gateFields';
import {
	DURATION_METRIC,
	ERROR_MATCHERS,
	readSeries,
	REQUEST_MATCHERS,
	REQUESTS_METRIC,
	type SeriesParameters,
} from '../seriesFields';

/**
 * Measures what phase 4 will measure, before anything is changed. It only reads; it counts as a change so that a resumed release keeps the first
 * record: what was before cannot be measured any more once traffic has moved.
 */
export const baseline: Operation<SeriesParameters> = {
	name: 'baseline',
	kind: 'change',
	description: fieldsOf('baseline', [
		...gateFields,
		REQUESTS_METRIC,
		ERROR_MATCHERS,
		DURATION_METRIC,
		REQUEST_MATCHERS,
	]),
	deadlineMs: ({ policy }) =>
		Math.max(watchBounds(policy).limitMs, patienceRounds(policy) * policy.sampling.intervalSeconds * 2000) + 60_000,
	readParameters: readSeries,
	plan: planOf,
	prepare: async () => await Promise.resolve({ inverse: null }),
	// Nothing was changed by a run that was cut short.
	observe: async () => await Promise.resolve('not-done'),
	run: async (context) => {
		const { parameters, clock, signal, log } = context;
		const [rate, time] = await withScraper(context, async (scraper) => {
			log(`baseline of ${scraper.description}`);
			const options = { ...parameters, clock, signal };
			return await Promise.all([
				watchErrorRate(scraper, { ...options, metric: parameters.requestsMetric }),
				watchResponseTime(scraper, { ...options, metric: parameters.durationMetric }),
			]);
		});
		const result = {
			errorRate: { requests: rate.requests, errors: rate.errors, value: rate.value, reason: rate.reason },
			// Above the highest bucket nothing is known but that it is slow: no number to compare with.
			responseTimeSeconds: time.atLeast ? null : time.value,
			responseTime: {
				quantile: parameters.policy.responseTimeSeconds.quantile,
				requests: time.requests,
				reason: time.reason,
			},
		};
		return { result: result as unknown as Json };
	},
};
