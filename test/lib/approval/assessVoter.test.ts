import { assessBallot, assessVoter, type VoterFacts } from '../../../lib/approval/assessVoter';
import { isStrongEnough } from '../../../lib/approval/identity';
import type { Ballot } from '../../../lib/approval/model';
import { RunbookError } from '../../../lib/support/runbookError';
import { BUILT, EXPIRES_AT, GATE, gate, NOW, release, vote } from './gateFixture';

function facts(change: Partial<VoterFacts> = {}): VoterFacts {
	const claims = {
		approver: 'ada',
		gate: GATE,
		releaseId: release().id,
		evidenceHash: BUILT.hash,
		nonce: 'mine',
		expiresAt: EXPIRES_AT,
	};
	return {
		gate: gate(),
		release: release(),
		claims,
		approver: 'ada',
		strength: 'link',
		leastStrength: 'link',
		votes: [],
		changed: [],
		now: NOW,
		...change,
	};
}

const claims = (change: Partial<VoterFacts['claims']>): Partial<VoterFacts> => ({
	claims: { ...facts().claims, ...change },
});

describe('whether a link may vote', () => {
	it.each<[string, string | undefined, Partial<VoterFacts>]>([
		['a link of an approver', undefined, {}],
		['a link for another release', 'WRONG_GATE', claims({ releaseId: 'r-other' })],
		['a link for the other gate of this release', 'WRONG_GATE', claims({ gate: 'gate-2/approval' })],
		['somebody who is no approver', 'NOT_APPROVER', { ...claims({ approver: 'mallory' }), approver: 'mallory' }],
		['an identity that is not the link’s', 'NOT_APPROVER', { approver: 'linus' }],
		['an identity that cannot be told', 'NOT_APPROVER', { approver: undefined }],
		['a weak identity where a strong one is wanted', 'IDENTITY_TOO_WEAK', { leastStrength: 'oidc' }],
		['a strong identity where a weak one is enough', undefined, { strength: 'github' }],
		['a link that has voted', 'REPLAYED', { votes: [vote('ada', { nonce: 'mine' })] }],
		[
			'a link that has voted, at a gate that is decided',
			'REPLAYED',
			{ votes: [vote('ada', { nonce: 'mine' })], gate: gate({ state: 'approved', decidedAt: NOW }) },
		],
		['another link of the same person', undefined, { votes: [vote('ada', { nonce: 'other' })] }],
		['a gate that was rejected', 'ALREADY_DECIDED', { gate: gate({ state: 'rejected', decidedAt: NOW }) }],
		['a gate that was voided', 'EVIDENCE_CHANGED', { gate: gate({ state: 'void', reason: 'breach' }) }],
		[
			'a release that has ended',
			'ALREADY_DECIDED',
			{ release: release({ state: 'needs-human', finishedAt: NOW }) },
		],
		[
			'a release that is rolled back, at the gate of its thaw',
			undefined,
			{
				release: release({ rollingBackAt: NOW }),
				gate: gate({ gate: 'thaw/approval' }),
				...claims({ gate: 'thaw/approval' }),
			},
		],
		['a release that is rolled back', 'ALREADY_DECIDED', { release: release({ rollingBackAt: NOW }) }],
		['a link for what the gate showed before', 'EVIDENCE_CHANGED', claims({ evidenceHash: 'older' })],
		['evidence that has changed since', 'EVIDENCE_CHANGED', { changed: ['steps'] }],
		['the gate’s last instant', 'TOKEN_EXPIRED', { now: EXPIRES_AT }],
		['our clock went back', undefined, { now: new Date(0) }],
	])('%s: %s', (_, code, change) => {
		expect(assessVoter(facts(change))?.code).toBe(code === undefined ? undefined : `APPROVAL.${code}`);
	});
});

describe('what may be voted', () => {
	const glass: Partial<VoterFacts> = { ...claims({ approver: 'grace' }), approver: 'grace' };
	const startedByGrace = { ...glass, release: release({ startedBy: 'GRACE@example.com' }) };
	const writtenByAda = { release: release({ authors: ['Ada  example'] }) };
	it.each<[string, string, Ballot, Partial<VoterFacts>?]>([
		['yes', 'approve', { decision: 'approve', comment: '' }],
		['no, with a reason', 'reject', { decision: 'reject', comment: 'no' }],
		['no, without', 'APPROVAL.COMMENT_MISSING', { decision: 'reject', comment: ' \n' }],
		['nothing', 'APPROVAL.DECISION_UNKNOWN', { decision: '', comment: '' }],
		['something else', 'APPROVAL.DECISION_UNKNOWN', { decision: 'APPROVE', comment: '' }],
		['a name of the prototype', 'APPROVAL.DECISION_UNKNOWN', { decision: 'constructor', comment: '' }],
		['break-glass by who may', 'break-glass', { decision: 'break-glass', comment: 'outage' }, glass],
		['break-glass without a reason', 'APPROVAL.COMMENT_MISSING', { decision: 'break-glass', comment: '' }, glass],
		[
			'break-glass by who may not',
			'APPROVAL.BREAK_GLASS_NOT_ALLOWED',
			{ decision: 'break-glass', comment: 'outage' },
		],
		['yes by the starter', 'APPROVAL.STARTER', { decision: 'approve', comment: '' }, startedByGrace],
		['no by the starter', 'APPROVAL.STARTER', { decision: 'reject', comment: 'x' }, startedByGrace],
		[
			'break-glass by the starter who may',
			'break-glass',
			{ decision: 'break-glass', comment: 'outage' },
			startedByGrace,
		],
		['yes by an author', 'APPROVAL.AUTHOR', { decision: 'approve', comment: '' }, writtenByAda],
	])('%s: %s', (_, outcome, ballot, change = {}) => {
		const assessed = assessBallot(facts(change), ballot);
		expect(assessed instanceof RunbookError ? assessed.code : assessed).toBe(outcome);
	});
});

it('identities are ordered from link to github', () => {
	expect(isStrongEnough('github', 'oidc')).toBe(true);
	expect(isStrongEnough('slack', 'slack')).toBe(true);
	expect(isStrongEnough('link', 'slack')).toBe(false);
	expect(isStrongEnough('oidc', 'github')).toBe(false);
});
