import type { ThresholdPolicy } from '../../../lib/metrics/policy';

/** The runbook's own numbers. */
export const EXAMPLE_POLICY: ThresholdPolicy = {
	sampling: { intervalSeconds: 5, minimumSamples: 6, minimumRequests: 20 },
	errorRate: { pass: 0.01, warning: 0.01, critical: 0.05, rollback: { above: 0.1, heldForSeconds: 60 } },
	responseTimeSeconds: { quantile: 0.95, pass: 0.2, warning: 0.5, critical: 1 },
	cpu: { pass: 0.7, warning: 0.8 },
	memory: { pass: 0.8 },
	health: { intervalSeconds: 5, rollback: { heldForSeconds: 120 } },
	watch: {
		windowSeconds: 600,
		intervalSeconds: 15,
		minimumSamples: 4,
		clearAfterSeconds: 60,
		answerWithinSeconds: 300,
	},
};
