import { z } from 'zod';

/** Shares between 0 and 1: writing 5 for 5 % is the mistake it catches. */
const share = z.number().min(0).max(1, 'is a share between 0 and 1: 5 % is 0.05');
const seconds = z.number().positive('must be more than 0 seconds').max(86_400, 'must be at most a day');
const count = z.number().int('must be a whole number').min(1, 'must be at least 1');

const shape = z
	.object({
		sampling: z.object({ intervalSeconds: seconds, minimumSamples: count, minimumRequests: count }).strict(),
		errorRate: z
			.object({
				pass: share,
				warning: share,
				critical: share,
				rollback: z.object({ above: share, heldForSeconds: seconds }).strict(),
			})
			.strict(),
		responseTimeSeconds: z
			.object({
				quantile: z.number().gt(0, 'must be above 0').lt(1, 'must be below 1: 95 % is 0.95'),
				pass: seconds,
				warning: seconds,
				critical: seconds,
			})
			.strict(),
		/** How much worse than before the release it may be; absent: nothing is compared. */
		baseline: z.object({ errorRateRise: share, responseTimeRiseSeconds: seconds }).strict().optional(),
		cpu: z.object({ pass: share, warning: share }).strict(),
		memory: z.object({ pass: share }).strict(),
		health: z
			.object({ intervalSeconds: seconds, rollback: z.object({ heldForSeconds: seconds }).strict() })
			.strict(),
		watch: z
			.object({
				windowSeconds: seconds,
				/** Time between two looks: that of the schedule. */
				intervalSeconds: seconds.default(15),
				minimumSamples: count.default(4),
				/** How long all must be calm before an alert is resolved. */
				clearAfterSeconds: seconds.default(60),
				/** A critical page of a watched release that nobody answers for so long rolls it back. */
				answerWithinSeconds: seconds.default(300),
			})
			.strict(),
	})
	.strict();

/**
 * The one threshold policy, checked as a whole: shares between 0 and 1, durations in seconds, and every limit at least as high as
 * the one below it. An issue names the field, e.g. `errorRate.critical`.
 */
export const thresholdPolicy = shape.superRefine((policy, context) => {
	const { sampling, errorRate, responseTimeSeconds, cpu, health, watch } = policy;
	const orders: ReadonlyArray<readonly [boolean, string, string]> = [
		[errorRate.pass <= errorRate.warning, 'errorRate.warning', 'must not be below errorRate.pass'],
		[errorRate.warning <= errorRate.critical, 'errorRate.critical', 'must not be below errorRate.warning'],
		[errorRate.critical < errorRate.rollback.above, 'errorRate.rollback.above', 'must be above errorRate.critical'],
		[
			responseTimeSeconds.pass <= responseTimeSeconds.warning,
			'responseTimeSeconds.warning',
			'must not be below responseTimeSeconds.pass',
		],
		[
			responseTimeSeconds.warning <= responseTimeSeconds.critical,
			'responseTimeSeconds.critical',
			'must not be below responseTimeSeconds.warning',
		],
		[cpu.pass <= cpu.warning, 'cpu.warning', 'must not be below cpu.pass'],
		[
			sampling.intervalSeconds <= errorRate.rollback.heldForSeconds,
			'errorRate.rollback.heldForSeconds',
			'must not be shorter than sampling.intervalSeconds',
		],
		[
			health.intervalSeconds <= health.rollback.heldForSeconds,
			'health.rollback.heldForSeconds',
			'must not be shorter than health.intervalSeconds',
		],
		[
			watch.intervalSeconds <= Math.min(errorRate.rollback.heldForSeconds, health.rollback.heldForSeconds),
			'watch.intervalSeconds',
			'must not be longer than errorRate.rollback.heldForSeconds and health.rollback.heldForSeconds',
		],
		[
			errorRate.rollback.heldForSeconds <= watch.windowSeconds,
			'watch.windowSeconds',
			'must not be shorter than errorRate.rollback.heldForSeconds',
		],
		[
			health.rollback.heldForSeconds <= watch.windowSeconds,
			'watch.windowSeconds',
			'must not be shorter than health.rollback.heldForSeconds',
		],
	];
	for (const [holds, path, message] of orders)
		if (!holds) context.addIssue({ code: 'custom', path: path.split('.'), message });
});

export type ThresholdPolicy = Readonly<z.infer<typeof shape>>;
