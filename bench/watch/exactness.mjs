import { createRequire } from 'node:module';
import { createRandom } from './random.mjs';
import { createSeries, renderLooks, tellTruth } from './series.mjs';

const require = createRequire(import.meta.url);
const SERIES = 100_000;
const SEED = 20_261_126;
const INTERVAL_MS = 15_000;

/** The runbook's own numbers. */
const POLICY = {
	sampling: { intervalSeconds: 5, minimumSamples: 6, minimumRequests: 20 },
	errorRate: { pass: 0.01, warning: 0.01, critical: 0.05, rollback: { above: 0.1, heldForSeconds: 60 } },
	responseTimeSeconds: { quantile: 0.95, pass: 0.2, warning: 0.5, critical: 1 },
	cpu: { pass: 0.7, warning: 0.8 },
	memory: { pass: 0.8 },
	health: { intervalSeconds: 5, rollback: { heldForSeconds: 120 } },
	watch: { windowSeconds: 600 },
};

/** Whether the watch rolls back when it is due, only then, and when: judged as each scheduled look judges, from all looks so far. */
export function exactness({ count: total = SERIES } = {}) {
	const { thresholdPolicy } = require('../../dist/lib/metrics/policy.js');
	const { signalRules } = require('../../dist/lib/metrics/signalRules.js');
	const rules = new Map(signalRules(thresholdPolicy.parse(POLICY)).map((rule) => [rule.signal, rule]));
	const random = createRandom(SEED);
	const counts = { due: 0, falseRollbacks: 0, missedRollbacks: 0, lateRollbacks: 0 };
	let slowestMs = 0;
	for (let count = 0; count < total; count++) {
		const series = createSeries(random);
		const truth = tellTruth(series);
		const firstDue = truth.findIndex(({ due }) => due);
		const fired = findRollback(series, renderLooks(series, random), rules.get(series.signal));
		if (firstDue >= 0) counts.due += 1;
		if (fired >= 0 && (firstDue < 0 || fired < firstDue)) counts.falseRollbacks += 1;
		else if (firstDue >= 0 && fired < 0) counts.missedRollbacks += 1;
		else if (fired >= 0) {
			const lateMs = series.looks[fired].atMs - truth[firstDue].dueAtMs;
			slowestMs = Math.max(slowestMs, lateMs);
			// The look that could have told may have been missed: then it is the next one's.
			if (fired > firstDue) counts.lateRollbacks += 1;
		}
	}
	return {
		rows: [
			{ what: `noisy series with known truth`, value: total, bound: '' },
			{ what: 'of them with a rollback that is due', value: counts.due, bound: '' },
			{ what: 'rollbacks that were not due', value: counts.falseRollbacks, bound: '= 0' },
			{ what: 'rollbacks that were due and did not come', value: counts.missedRollbacks, bound: '= 0' },
			{ what: 'rollbacks later than the first look that could tell', value: counts.lateRollbacks, bound: '= 0' },
			{ what: 'latest, in intervals behind the end of the duration', value: slowestMs / INTERVAL_MS, bound: '' },
		],
		figures: { ...counts, series: total, slowestIntervals: slowestMs / INTERVAL_MS },
	};
}

/** The place of the look after which the watch rolls back; -1 when it never does. */
function findRollback({ switchedAtMs }, looks, rule) {
	const { judgeSignal } = require('../../dist/lib/watch/judgeSignal.js');
	const { assessRelease } = require('../../dist/lib/watch/assessRelease.js');
	const { lookHorizonMs } = require('../../dist/lib/watch/lookHorizon.js');
	const horizonMs = lookHorizonMs([rule]);
	const release = {
		id: 'r',
		token: 1,
		version: '2',
		state: 'watching',
		rollbackProven: true,
		switchedAtMs,
		watchUntilMs: null,
		silentMs: null,
		rollingBack: false,
	};
	return looks.findIndex((latest, index) => {
		const nowMs = latest.recordedAtMs;
		const sinceMs = Math.min(nowMs, switchedAtMs) - horizonMs;
		const known = looks.slice(0, index + 1).filter(({ recordedAtMs }) => recordedAtMs > sinceMs);
		const judgements = [judgeSignal(known, rule)];
		// Nobody is paged here, so that only the rollback limit can fire.
		const limits = { nowMs, staleAfterMs: 60_000, answerWithinMs: 300_000, giveUpAfterMs: 600_000 };
		return assessRelease({ release, judgements, alerts: [], ...limits })?.act === 'roll-back';
	});
}
