import { assessGate, type GateFacts } from '../../../lib/approval/assessGate';
import type { GateRecord, VoteRecord } from '../../../lib/release/gate';
import type { Release } from '../../../lib/release/model';
import { approver, EXPIRES_AT, gate, NOW, OPENED_AT, release, vote } from './gateFixture';

const assess = (votes: readonly VoteRecord[], change: Partial<GateFacts> = {}) =>
	assessGate({ gate: gate(), votes, release: release(), changed: [], now: NOW, ...change });

const before = (time: Date): Date => new Date(time.getTime() - 1);

interface Row {
	readonly votes?: readonly VoteRecord[];
	readonly gate?: Partial<GateRecord>;
	readonly release?: Partial<Release>;
	readonly changed?: readonly string[];
	readonly now?: Date;
	readonly state: string;
	readonly missing?: number;
	readonly reason?: string;
}

const TABLE: Record<string, Row> = {
	'nobody voted': { state: 'open', missing: 2 },
	'one of two': { votes: [vote('ada')], state: 'open', missing: 1 },
	'two persons': {
		votes: [vote('ada'), vote('linus')],
		state: 'approved',
		reason: 'approved by Ada Example, Linus Example',
	},
	'two links of one person count once': { votes: [vote('ada'), vote('ada')], state: 'open', missing: 1 },
	'three links of one person and a second person': {
		votes: [vote('ada'), vote('ada'), vote('ada'), vote('grace')],
		state: 'approved',
	},
	'a no outranks a full quorum, whatever their order': {
		votes: [vote('ada'), vote('linus'), vote('grace', { decision: 'reject', comment: 'not today' })],
		state: 'rejected',
		reason: 'rejected by Grace Example: not today',
	},
	'a no outranks break-glass': {
		votes: [
			vote('grace', { decision: 'break-glass', comment: 'outage' }),
			vote('ada', { decision: 'reject', comment: 'no' }),
		],
		state: 'rejected',
	},
	'a no of somebody who is no approver is nothing': {
		votes: [vote('mallory', { decision: 'reject', comment: 'x' })],
		state: 'open',
		missing: 2,
	},
	'votes for other evidence are nothing': {
		votes: [
			vote('ada', { evidenceHash: 'other' }),
			vote('linus', { evidenceHash: 'other' }),
			vote('grace', { evidenceHash: 'other', decision: 'reject', comment: 'x' }),
		],
		state: 'open',
		missing: 2,
	},
	'a yes of somebody who is no approver is nothing': {
		votes: [vote('ada'), vote('mallory')],
		state: 'open',
		missing: 1,
	},
	'a yes of the starter is nothing, even in the ledger': {
		votes: [vote('ada'), vote('linus')],
		release: { startedBy: 'Ada Example' },
		state: 'open',
		missing: 1,
	},
	'a yes of an author is nothing, even in the ledger': {
		votes: [vote('ada'), vote('linus')],
		release: { authors: ['Someone <LINUS@example.com>'] },
		state: 'open',
		missing: 1,
	},
	'break-glass by who may': {
		votes: [vote('grace', { decision: 'break-glass', comment: 'outage' })],
		state: 'approved',
		reason: 'passed alone by Grace Example: outage',
	},
	'break-glass by who may, though they started it': {
		votes: [vote('grace', { decision: 'break-glass', comment: 'outage' })],
		release: { startedBy: 'grace' },
		state: 'approved',
	},
	'break-glass by who may not': {
		votes: [vote('ada', { decision: 'break-glass', comment: 'outage' })],
		state: 'open',
		missing: 2,
	},
	'break-glass without a reason': {
		votes: [vote('grace', { decision: 'break-glass', comment: ' ' })],
		state: 'open',
		missing: 2,
	},
	'the last instant before its end': { now: before(EXPIRES_AT), state: 'open', missing: 2 },
	'its end': { now: EXPIRES_AT, state: 'expired', reason: 'nobody decided in time' },
	'its end, with too few': { votes: [vote('ada')], now: EXPIRES_AT, state: 'expired' },
	'enough in time, read late': {
		votes: [vote('ada'), vote('linus', { votedAt: before(EXPIRES_AT) })],
		now: new Date(EXPIRES_AT.getTime() + 3_600_000),
		state: 'approved',
	},
	'the last one came at the end': {
		votes: [vote('ada'), vote('linus', { votedAt: EXPIRES_AT })],
		now: EXPIRES_AT,
		state: 'expired',
	},
	'break-glass at the end': {
		votes: [vote('grace', { decision: 'break-glass', comment: 'outage', votedAt: EXPIRES_AT })],
		now: EXPIRES_AT,
		state: 'expired',
	},
	'a yes from before it was opened again': {
		votes: [vote('ada', { votedAt: before(OPENED_AT) }), vote('linus')],
		state: 'open',
		missing: 1,
	},
	'a no from before it was opened again stands': {
		votes: [vote('ada', { votedAt: before(OPENED_AT), decision: 'reject', comment: 'no' })],
		state: 'rejected',
	},
	'our clock went back': { votes: [vote('ada')], now: before(OPENED_AT), state: 'open', missing: 1 },
	"the ledger's clock went back: a yes is lost rather than counted": {
		votes: [vote('ada', { votedAt: new Date('2026-11-23T19:00:00Z') }), vote('linus')],
		state: 'open',
		missing: 1,
	},
	'voided while it waited': {
		gate: { state: 'void', reason: 'error rate above 10 %' },
		votes: [vote('ada'), vote('linus')],
		state: 'void',
		reason: 'error rate above 10 %',
	},
	'other evidence': {
		votes: [vote('ada'), vote('linus')],
		changed: ['backup', 'steps'],
		state: 'void',
		reason: 'the evidence has changed since it was shown: other backup, steps',
	},
	'other evidence after it was approved': {
		gate: { state: 'approved', decidedAt: NOW },
		votes: [vote('ada'), vote('linus')],
		changed: ['plan'],
		state: 'void',
	},
	'decided before: a later no changes nothing': {
		gate: { state: 'approved', decidedAt: NOW, reason: 'approved by two' },
		votes: [vote('ada'), vote('linus'), vote('grace', { decision: 'reject', comment: 'late' })],
		state: 'approved',
		reason: 'approved by two',
	},
	'decided before: expired stays expired': {
		gate: { state: 'expired', decidedAt: NOW, reason: 'nobody decided in time' },
		votes: [vote('ada'), vote('linus')],
		state: 'expired',
	},
	'a quorum of one': { gate: { quorum: 1 }, votes: [vote('linus')], state: 'approved' },
};

it.each(Object.entries(TABLE))('%s', (_, row) => {
	const assessed = assess(row.votes ?? [], {
		gate: gate(row.gate),
		release: release(row.release),
		changed: row.changed ?? [],
		now: row.now ?? NOW,
	});
	expect(assessed).toMatchObject({ state: row.state, missing: row.missing ?? 0 });
	if (row.reason !== undefined) expect(assessed.reason).toBe(row.reason);
});

it('names one vote a person, the first', () => {
	const votes = [
		vote('ada', { nonce: 'first' }),
		vote('ada', { nonce: 'second' }),
		vote('linus', { nonce: 'third' }),
	];
	expect(assess(votes).approvals.map(({ nonce }) => nonce)).toEqual(['first', 'third']);
});

it('says break-glass only when the quorum alone would not have done', () => {
	const glass = vote('grace', { decision: 'break-glass', comment: 'outage', nonce: 'glass' });
	expect(assess([vote('ada'), glass])).toMatchObject({ breakGlass: true, approvals: [{ nonce: 'glass' }] });
	expect(assess([vote('ada'), vote('linus'), glass]).breakGlass).toBe(false);
	const rejected = assess([glass, vote('ada', { decision: 'reject', comment: 'no' })]);
	expect(rejected.breakGlass).toBe(false);
});

it('an approver who is named no longer is not counted', () => {
	const votes = [vote('ada'), vote('linus')];
	expect(assess(votes, { gate: gate({ approvers: [approver('ada'), approver('grace')] }) }).state).toBe('open');
});
