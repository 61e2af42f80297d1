import type { Decision, GateRecord, IdentityStrength, VoteRecord } from '../release/gate';
import type { Release } from '../release/model';
import type { RunbookError } from '../support/runbookError';
import { approvalErrors } from './errors';
import { exclusionOf, type ReleasePeople } from './exclusion';
import { isStrongEnough } from './identity';
import { DECISIONS, type Ballot, type VoteClaims } from './model';

export interface VoterFacts {
	/** The gate that waits here. */
	readonly gate: GateRecord;
	readonly release: ReleasePeople & Pick<Release, 'state' | 'finishedAt' | 'rollingBackAt'>;
	readonly claims: VoteClaims;
	/** Who it is, as the identity provider tells; undefined when it cannot. */
	readonly approver: string | undefined;
	readonly strength: IdentityStrength;
	readonly leastStrength: IdentityStrength;
	readonly votes: readonly VoteRecord[];
	/** What of the evidence differs now from what is shown; empty when nothing does. */
	readonly changed: readonly string[];
	readonly now: Date;
}

/** Ask about rolling the database back, about undoing that, and about thawing its writers; every other gate is void once a rollback has begun. */
const EMERGENCY_GATES = ['gate-3/approval', 'swap-back/approval', 'thaw/approval'];

/** Whether the link may vote at this gate, before it is known how. The refusal, or undefined. */
export function assessVoter(facts: VoterFacts): RunbookError | undefined {
	const { gate, claims, approver, strength, leastStrength, votes, changed, now } = facts;
	if (claims.gate !== gate.gate || claims.releaseId !== gate.releaseId)
		return approvalErrors.WRONG_GATE({ gate: gate.gate });
	if (!gate.approvers.some(({ id }) => id === approver) || approver !== claims.approver)
		return approvalErrors.NOT_APPROVER({ approver: approver ?? claims.approver, gate: gate.gate });
	if (!isStrongEnough(strength, leastStrength))
		return approvalErrors.IDENTITY_TOO_WEAK({ least: leastStrength, strength });
	if (votes.some(({ nonce }) => nonce === claims.nonce)) return approvalErrors.REPLAYED();
	if (gate.state === 'void') return approvalErrors.EVIDENCE_CHANGED({ problem: gate.reason });
	if (gate.state !== 'open' || gate.decidedAt !== null) return approvalErrors.ALREADY_DECIDED({ state: gate.state });
	const undone = facts.release.rollingBackAt !== null && !EMERGENCY_GATES.includes(gate.gate);
	if (facts.release.finishedAt !== null || undone)
		return approvalErrors.ALREADY_DECIDED({ state: `the release is ${describe(facts.release)}` });
	if (claims.evidenceHash !== gate.evidenceHash)
		return approvalErrors.EVIDENCE_CHANGED({ problem: 'the gate was opened again for something else' });
	if (now >= gate.expiresAt) return approvalErrors.TOKEN_EXPIRED({ until: gate.expiresAt.toISOString() });
	if (changed.length > 0) return approvalErrors.EVIDENCE_CHANGED({ problem: `other ${changed.join(', ')}` });
	return undefined;
}

/** Whether this vote of somebody who may vote is one to record. The decision, or the refusal. */
export function assessBallot(facts: VoterFacts, { decision, comment }: Ballot): Decision | RunbookError {
	const approver = facts.gate.approvers.find(({ id }) => id === facts.claims.approver);
	const known = DECISIONS.find((one) => one === decision);
	if (known === undefined || !approver) return approvalErrors.DECISION_UNKNOWN();
	if (known === 'break-glass' && !approver.breakGlass)
		return approvalErrors.BREAK_GLASS_NOT_ALLOWED({ approver: approver.name });
	const exclusion = known === 'break-glass' ? undefined : exclusionOf(approver, facts.release);
	if (exclusion === 'starter') return approvalErrors.STARTER({ approver: approver.name });
	if (exclusion === 'author') return approvalErrors.AUTHOR({ approver: approver.name });
	return known !== 'approve' && comment.trim() === '' ? approvalErrors.COMMENT_MISSING() : known;
}

function describe({ state, rollingBackAt, finishedAt }: VoterFacts['release']): string {
	return rollingBackAt !== null && finishedAt === null ? 'being rolled back' : state;
}
