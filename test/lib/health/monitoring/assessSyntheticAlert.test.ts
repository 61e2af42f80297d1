import { assessSyntheticAlert, type AlertFacts } from '../../../../lib/health/monitoring/assessSyntheticAlert';

const RULE = { receiver: 'on-call', patienceMs: 60_000 };
const before = { sent: 7, failed: 1 };
const seen = { state: 'active', receivers: ['on-call'] } as const;
const gap = { kind: 'gap', reason: 'the name does not resolve' } as const;
const refused = { kind: 'failed', reason: 'connection refused' } as const;

const facts = (change: Partial<AlertFacts> = {}): AlertFacts => ({
	seen,
	before,
	now: { sent: 8, failed: 1 },
	tookMs: 900,
	...change,
});
const quiet = { now: before };
const over = { tookMs: 60_000 };

describe('assessSyntheticAlert', () => {
	it('passes when it is routed as wanted and a notification went out', () => {
		expect(assessSyntheticAlert(facts(), RULE)).toEqual({
			verdict: 'passed',
			reason: 'the alert went to on-call in 900 ms',
			receivers: ['on-call'],
			tookMs: 900,
		});
	});

	it.each<[string, Partial<AlertFacts>, string | undefined, RegExp]>([
		['it is not there yet', { seen: undefined, ...quiet }, undefined, /is not there$/],
		['it never came', { seen: undefined, ...quiet, ...over }, 'failed', /is not there$/],
		['somebody else was notified, and it is not there', { seen: undefined, ...over }, 'failed', /is not there$/],
		['nothing was sent yet', quiet, undefined, /no notification was sent$/],
		['nothing was sent in time', { ...quiet, ...over }, 'failed', /no notification was sent$/],
		['sending fails, for now', { now: { sent: 7, failed: 2 } }, undefined, /sends fails$/],
		['sending fails', { now: { sent: 7, failed: 2 }, ...over }, 'failed', /sends fails$/],
		['it is silenced', { seen: { ...seen, state: 'suppressed' } }, 'failed', /silenced or inhibited$/],
		[
			'it goes elsewhere',
			{ seen: { ...seen, receivers: ['others'] } },
			'failed',
			/goes to others, not to on-call$/,
		],
		['it goes nowhere', { seen: { ...seen, receivers: [] } }, 'failed', /goes to nobody, not to on-call$/],
		[
			'it is not routed yet',
			{ seen: { state: 'unprocessed', receivers: [] }, ...quiet },
			undefined,
			/no notification/,
		],
		['the counters began anew', { now: { sent: 0, failed: 0 } }, 'inconclusive', /began anew meanwhile/],
		['only those of failures did', { now: { sent: 9, failed: 0 } }, 'inconclusive', /began anew meanwhile/],
		['a counter is NaN', { now: { sent: Number.NaN, failed: 1 }, ...over }, 'failed', /no notification was sent$/],
		['it cannot be looked for just now', { seen: gap }, undefined, /^Alertmanager: the name/],
		['it could not be looked for', { seen: gap, ...over }, 'inconclusive', /^Alertmanager: the name/],
		['Alertmanager went away', { seen: refused, ...over }, 'failed', /^Alertmanager: connection refused$/],
		['its counters cannot be read', { now: gap, ...over }, 'inconclusive', /^Alertmanager: the name/],
	])('%s', (_, change, verdict, reason) => {
		const assessed = assessSyntheticAlert(facts(change), RULE);
		expect(assessed.verdict).toBe(verdict);
		expect(assessed.reason).toMatch(reason);
		expect(assessed.tookMs).toBeNull();
	});

	it('takes any receiver where none is wanted', () => {
		const assessed = assessSyntheticAlert(facts({ seen: { ...seen, receivers: ['others'] } }), {
			...RULE,
			receiver: '',
		});
		expect(assessed).toMatchObject({ verdict: 'passed', receivers: ['others'] });
	});
});
