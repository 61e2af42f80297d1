import { renderDecided, renderRecorded, renderRefusal } from '../../../lib/approval/answerPages';
import { assessGate } from '../../../lib/approval/assessGate';
import { buildEvidence } from '../../../lib/approval/buildEvidence';
import { renderCard, type CardFacts } from '../../../lib/approval/card';
import { approvalErrors } from '../../../lib/approval/errors';
import { formatBytes, formatDuration, formatMeasurement, shortImage, titleOf } from '../../../lib/approval/format';
import { latestSamples } from '../../../lib/approval/latestSamples';
import { writeMail } from '../../../lib/approval/mail';
import { pageHeaders } from '../../../lib/approval/page';
import { describeRollBackCost } from '../../../lib/approval/rollBackCost';
import { stepHash } from '../../../lib/release/stepHash';
import {
	APPROVERS,
	BUILT,
	digest,
	EXPIRES_AT,
	facts,
	gate,
	NOW,
	QUESTION,
	release,
	sample,
	step,
	STEPS,
	vote,
} from './gateFixture';

const HOSTILE = `"><script>alert(1)</script><img src=x onerror=alert(1)>'`;

function card(change: Partial<CardFacts> = {}): string {
	const votes = change.votes ?? [vote('linus')];
	const base = { release: release(), gate: gate(), ...change };
	return renderCard({
		...base,
		evidence: BUILT.evidence,
		votes,
		assessment: assessGate({ ...base, votes, changed: [], now: NOW }),
		approver: APPROVERS[0]!,
		samples: [sample('error-rate', 'backend')],
		cost: describeRollBackCost(BUILT.evidence, base.release, new Map()),
		now: NOW,
		nonce: 'n0nce',
		...change,
	});
}

/** The visible text. */
const textOf = (html: string): string =>
	html
		.replaceAll(/<(style|script)[^>]*>.*?<\/\1>/gs, '')
		.replaceAll(/<[^>]+>/g, ' ')
		.replaceAll(/\s+/g, ' ');

describe('the card', () => {
	it.each([
		'Release 2026.11.23 to production?',
		'2026.11.9 → 2026.11.23',
		`${'a'.repeat(12)} → ${'b'.repeat(12)}`,
		'20261102083000_add_case_priority',
		'0.21 % limit 1 %',
		'23 Nov 2026, 19:40 UTC',
		'14 tables, 182,344 rows',
		'48.3 MB',
		'1 of 2 approvals, 1 missing',
		'until 23 Nov 2026, 21:00 UTC',
		'Linus Example approved',
		'May still vote: you, Grace Example',
		'only restoring a backup brings the old one back',
		'it loses everything written since',
	])('says: %s', (words) => {
		expect(textOf(card())).toContain(words);
	});

	it('says what the rehearsal saw of each migration, or that there was none', () => {
		const rehearsed = {
			name: '20261102083000_add_case_priority',
			durationMs: 120,
			atLeastMs: 360,
			failure: null,
			locks: [{ table: 'public.cases', lock: 'ACCESS EXCLUSIVE', heldMs: 84 }],
			rewritten: [{ table: 'public.cases', rows: 48_211, bytes: 9_400_000 }],
			growthBytes: 2_000_000,
			down: { state: 'undoes', differences: [], dropsData: true },
		};
		const steps = [...STEPS, step('2.1/rehearse', { migrations: [rehearsed] })];
		const text = textOf(card({ evidence: buildEvidence(facts({ steps }), QUESTION, stepHash).evidence }));
		expect(text).toContain('rehearsed in 120 ms on a copy; production takes at least 360 ms; 2 MB more');
		expect(text).toContain('its down.sql undid it on the copy, without a difference. It takes data away');
		expect(text).toContain('public.cases: ACCESS EXCLUSIVE, held for 84 ms');
		expect(text).toContain('public.cases: 48,211 rows written anew · 9.4 MB');
		expect(text).toMatch(/20261118120000_index_cases_by_owner .*It was not rehearsed\./);
	});

	it.each<[string, ReturnType<typeof step>[], string | undefined]>([
		[
			'failed',
			[step('2.1/old-code', { reason: '2 of 6 tests failed' }, 'failed')],
			'The previous version on the new schema: 2 of 6 tests failed. Nothing goes back by itself',
		],
		[
			'was not configured',
			[step('2.1/old-code', { reason: 'not configured: nothing says how' }, 'inconclusive')],
			'The previous version on the new schema: not configured: nothing says how.',
		],
		['was not run', [], 'The previous version on the new schema: it was not run.'],
		['passed', [step('2.1/old-code', { reason: '6 tests passed' })], undefined],
	])('says whether the rollback is proven: it %s', (_, tried, words) => {
		const steps = [...STEPS, step('2.1/rehearse', { migrations: [] }), ...tried];
		const text = textOf(card({ evidence: buildEvidence(facts({ steps }), QUESTION, stepHash).evidence }));
		if (words === undefined) {
			expect(text).not.toContain('NOT proven');
			expect(text).toContain('The version that serves now was run on the new schema: 6 tests passed.');
		} else expect(text).toMatch(new RegExp(`Rollback NOT proven.*${words}`));
	});

	it('says of a release that only takes something away whether the version that serves can do without it', () => {
		const steps = [
			...STEPS,
			step('2.1/rehearse', { migrations: [] }),
			step('2.1/old-code', { reason: '2 of 6 tests failed' }, 'failed'),
		];
		const contracting = facts({ steps, release: release({ contracts: true }) });
		const { evidence } = buildEvidence(contracting, QUESTION, stepHash);
		const text = textOf(card({ evidence }));
		expect(text).toContain('The version that serves is NOT proven without it');
		expect(text).toContain('That version on the schema to come: 2 of 6 tests failed.');
		expect(text).not.toContain('Rollback NOT proven');
	});

	it.each<[string, string, ReturnType<typeof step>[]]>([
		['before which nothing was rehearsed', QUESTION.gate, [...STEPS]],
		['that is about going back itself', 'gate-3/approval', [...STEPS, step('2.1/rehearse', { migrations: [] })]],
	])('says nothing of the rollback at a gate %s', (_, asked, steps) => {
		const { evidence } = buildEvidence(facts({ steps }), { ...QUESTION, gate: asked }, stepHash);
		expect(textOf(card({ evidence }))).not.toContain('NOT proven');
	});

	it('says that there is no staging, and nothing of it where there is one', () => {
		const cardOf = (staging: 'passed' | 'none'): string => {
			const { bound, shown } = BUILT.evidence;
			return textOf(card({ evidence: { bound, shown: { ...shown, staging } } }));
		};
		expect(cardOf('none')).toContain('There is no staging, says the configuration.');
		expect(cardOf('passed')).not.toContain('no staging');
	});

	it('says of a check that had nothing to check that it checked nothing, where it cannot be overlooked', () => {
		const unchecked = step('1.1/check-monitoring', {
			configured: false,
			reason: 'not configured: none was checked',
		});
		const html = card({
			evidence: buildEvidence(facts({ steps: [...STEPS, unchecked] }), QUESTION, stepHash).evidence,
		});
		expect(textOf(html.replace(/<details.*?<\/details>/gs, ''))).toMatch(
			/– Check monitoring 1\.1 not configured: none was checked/,
		);
		expect(html).toContain('aria-label="proves nothing"');
		expect(card()).not.toContain('proves nothing');
	});

	it('says of a gate that was only tried what it would have been', () => {
		const tried = step('4.2/error-rate', {
			metric: 'http_requests_total',
			value: 0.2,
			limit: 0.1,
			dryRun: true,
			wouldBe: 'failed',
			reason: 'more than 10 % of requests failed',
		});
		const { evidence } = buildEvidence(facts({ steps: [...STEPS, tried] }), QUESTION, stepHash);
		expect(textOf(card({ evidence }))).toMatch(
			/– Error rate 4\.2 20 % limit 10 % dry run, would be failed: more than/,
		);
	});

	it('escapes whatever comes from outside', () => {
		const steps = [...STEPS, { ...step(`1.1/${HOSTILE}`, null, 'failed'), error: { message: HOSTILE } }];
		const named = release({
			version: HOSTILE,
			environment: HOSTILE,
			startedBy: HOSTILE,
			commit: HOSTILE,
			images: [{ workload: HOSTILE, image: HOSTILE }],
		});
		const { evidence } = buildEvidence(
			facts({ release: named, steps }),
			{ ...QUESTION, whatFollows: HOSTILE },
			stepHash,
		);
		const people = APPROVERS.map((one) => ({ ...one, name: HOSTILE }));
		const html = card({
			evidence,
			release: named,
			gate: gate({ approvers: people, gate: HOSTILE }),
			approver: people[1]!,
			votes: [vote('linus', { comment: HOSTILE })],
			samples: [sample(HOSTILE, HOSTILE, { value: null, problem: HOSTILE })],
		});
		expect(html.match(/<script/g)).toHaveLength(1);
		expect(html).not.toContain('<img');
		expect(html.match(/<\/title>/g)).toHaveLength(1);
	});

	it('loads nothing from elsewhere and holds no token and no address', () => {
		const html = card();
		expect(html).not.toMatch(/\b(src|href|action)="(?!#)/);
		expect(html).not.toMatch(/https?:|url\(|@import|type="hidden"/);
	});

	it('posts by a plain form: each button says what it decides', () => {
		const html = card();
		expect(html).toContain('<form method="post">');
		expect([...html.matchAll(/name="decision" value="([a-z-]+)"/g)].map(([, value]) => value)).toEqual([
			'reject',
			'approve',
		]);
		expect(html).toMatch(/<label for="comment">/);
	});

	it('offers the glass to those who may, and nothing else to who started it', () => {
		expect(card({ approver: APPROVERS[1]! })).toContain('value="break-glass"');
		expect(card()).not.toContain('break-glass');
		const own = card({ approver: APPROVERS[1]!, release: release({ startedBy: 'grace' }) });
		expect(own).toContain('value="break-glass"');
		expect(own).not.toMatch(/value="(approve|reject)"/);
		expect(textOf(own)).toContain('you started this release');
	});

	it('says what is missing: no backup, no migration, no votes', () => {
		const { evidence } = buildEvidence(
			facts({ steps: [step('2.1/migration-status', { pending: [] })] }),
			QUESTION,
			stepHash,
		);
		const text = textOf(card({ evidence, votes: [], samples: [] }));
		expect(text).toContain('There is no verified backup.');
		expect(text).toContain('the schema stays as it is');
		expect(text).toContain('Nobody has voted yet.');
	});
});

it('its headers allow its own script alone, and no frame', () => {
	expect(pageHeaders('n0nce')).toEqual({
		'Content-Security-Policy':
			"default-src 'none'; style-src 'unsafe-inline'; script-src 'nonce-n0nce'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
		'Cache-Control': 'no-store',
		'Referrer-Policy': 'no-referrer',
		'X-Robots-Tag': 'noindex',
		'X-Content-Type-Options': 'nosniff',
		'X-Approval-Gate': '1',
	});
});

describe('answers', () => {
	it('a refusal says what, why, what to do, its code, and what was recorded before', () => {
		const html = renderRefusal(approvalErrors.REPLAYED(), vote('ada', { decision: 'reject' }));
		expect(textOf(html)).toMatch(
			/has voted before .*Each link votes once\. .*reject , 23 Nov 2026, 20:01 UTC.*What to do: .*APPROVAL\.REPLAYED/,
		);
		expect(html).not.toContain('<script');
	});

	it('a refusal escapes what a name holds', () => {
		expect(renderRefusal(approvalErrors.NOT_APPROVER({ approver: HOSTILE, gate: 'g' }))).not.toMatch(
			/<img|<script/,
		);
	});

	it.each([
		['approve', 'Your approval is recorded'],
		['reject', 'Your rejection is recorded'],
		['break-glass', 'the people on call are paged'],
	] as const)('after %s: %s', (decision, words) => {
		const html = renderRecorded(decision, { gate: 'gate-1/approval', version: HOSTILE, environment: 'production' });
		expect(textOf(html)).toContain(words);
		expect(html).not.toMatch(/<img|<script/);
	});

	it('a gate that is decided says how and why', () => {
		const html = renderDecided(gate({ state: 'rejected', decidedAt: NOW, reason: HOSTILE }));
		expect(textOf(html)).toContain('It is rejected , 23 Nov 2026, 20:01 UTC.');
		expect(html).not.toMatch(/<img|<script/);
	});
});

describe('the mail', () => {
	const link = 'https://n8n.example.com/webhook-waiting/12?signature=s&vote=v';
	const write = (change: object = {}) =>
		writeMail({
			evidence: BUILT.evidence,
			name: 'Ada Example',
			link,
			expiresAt: EXPIRES_AT,
			emergencyOnly: false,
			...change,
		});

	it('brings what, until when, and the link, as text and as HTML', () => {
		const { subject, text, html } = write();
		expect(subject).toBe('Gate 1: release 2026.11.23 to production?');
		for (const body of [text, textOf(html)]) {
			expect(body).toContain('ci wants to release version 2026.11.23 to production.');
			expect(body).toContain('until 23 Nov 2026, 21:00 UTC');
			expect(body).toContain('Opening it decides nothing');
		}
		expect(text).toContain(link);
		expect(html).toContain(`href="${link.replaceAll('&', '&amp;')}"`);
	});

	it('escapes names, and its subject stays one line', () => {
		const { evidence } = buildEvidence(
			facts({ release: release({ version: `1\r\nBcc: x@example.com ${HOSTILE}` }) }),
			QUESTION,
			stepHash,
		);
		const { subject, html } = write({ evidence, name: HOSTILE });
		expect(subject).not.toMatch(/[\r\n]/);
		expect(html).not.toMatch(/<img|<script/);
	});

	it('says so to who may only break the glass', () => {
		expect(write({ emergencyOnly: true }).text).toContain('You may not decide on this release');
	});
});

describe('what going back would cost', () => {
	it('takes as long as it took before, without the watching afterwards', () => {
		const usual = new Map([
			['rollback/switch-back', 34_000],
			['rollback/check-live', 61_000],
			['rollback/watch', 600_000],
			['3.2/switch-traffic', 9e9],
		]);
		expect(describeRollBackCost(BUILT.evidence, release(), usual).time).toBe(
			'Going back usually takes about 2 minutes.',
		);
		expect(describeRollBackCost(BUILT.evidence, release(), new Map()).time).toContain('No rollback');
	});

	it('takes longer once the watch is over, as the gate before the switch says', () => {
		const question = { ...QUESTION, gate: 'gate-2/approval', guards: '3.2/switch-traffic' };
		const { evidence } = buildEvidence(facts(), question, stepHash);
		expect(describeRollBackCost(evidence, release(), new Map()).time).toMatch(
			/within 10 minutes\. Once the watch is over/,
		);
		expect(describeRollBackCost(BUILT.evidence, release(), new Map()).time).not.toContain('watch is over');
	});

	it('behind the second gate nothing is lost, unless the ledger says so', () => {
		const { evidence } = buildEvidence(
			facts(),
			{ ...QUESTION, gate: 'gate-2/approval', guards: '3.2/switch-traffic' },
			stepHash,
		);
		expect(describeRollBackCost(evidence, release(), new Map()).loss).toContain('Nothing is lost');
		const pointOfNoReturn = {
			stepKey: '2.1/deploy-migrations',
			since: '2026-11-23T20:00:00.000Z',
			reason: 'a column was dropped',
		};
		expect(describeRollBackCost(evidence, release({ pointOfNoReturn }), new Map()).loss).toBe(
			'Going back has lost data since 23 Nov 2026, 20:00 UTC: a column was dropped.',
		);
	});
});

it('numbers and names read as people write them', () => {
	expect([
		formatMeasurement('error-rate', 0.0021),
		formatMeasurement('response-time', 0.142),
		formatMeasurement('http_request_duration_seconds', 1.5),
		formatMeasurement('health', 0),
		formatMeasurement('queue-length', 12),
		formatBytes(0),
		formatBytes(48_300_000),
		formatDuration(400),
		formatDuration(89_000),
		formatDuration(600_000),
		shortImage(`registry.example.com:5000/a@${digest('b')}`),
		shortImage('registry.example.com:5000/a:2026.11.23'),
		titleOf('1.1/check-http'),
		titleOf('gate-2/approval'),
	]).toEqual([
		'0.21 %',
		'142 ms',
		'1.5 s',
		'failing',
		'12',
		'0 B',
		'48.3 MB',
		'about 1 second',
		'about 89 seconds',
		'about 10 minutes',
		'b'.repeat(12),
		'2026.11.23',
		'Check HTTP',
		'Gate 2',
	]);
});

it('of each metric the newest sample is shown', () => {
	const older = sample('error-rate', 'a', { value: 1, takenAt: '2026-11-23T19:00:00.000Z' });
	expect(
		latestSamples([sample('health', 'a'), sample('error-rate', 'a'), older]).map(({ metric, value }) => [
			metric,
			value,
		]),
	).toEqual([
		['error-rate', 0.002],
		['health', 0.002],
	]);
});
