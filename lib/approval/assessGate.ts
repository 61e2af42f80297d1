import type { GateRecord, GateState, VoteRecord } from '../release/gate';
import { eligibleApprovers, type ReleasePeople } from './exclusion';

export interface GateFacts {
	readonly gate: GateRecord;
	/** For any evidence, oldest first. */
	readonly votes: readonly VoteRecord[];
	readonly release: ReleasePeople;
	/** What of the evidence holds no longer; empty when all of it does. */
	readonly changed: readonly string[];
	readonly now: Date;
}

export interface GateAssessment {
	readonly state: GateState;
	/** Why, for the record; empty while open. */
	readonly reason: string;
	/** The votes that count as a yes, one a person. */
	readonly approvals: readonly VoteRecord[];
	/** Approvals that are still missing; 0 once it is decided. */
	readonly missing: number;
	/** True when one person passed it alone. */
	readonly breakGlass: boolean;
}

/**
 * Whether a gate is passed, by its rows alone. A decided gate stays decided. Before that: other evidence voids it, any no outranks every
 * yes, a person counts once however many links they hold, and only an explicit yes, given while the gate was open, passes it. A yes of
 * the starter or an author never counts. Times are the ledger's.
 */
export function assessGate(facts: GateFacts): GateAssessment {
	const { gate, changed, now } = facts;
	const votes = countedVotes(facts);
	const approvals = onePerPerson(votes.filter(({ decision }) => decision === 'approve'));
	const glass = votes.find(({ decision }) => decision === 'break-glass');
	const missing = Math.max(0, gate.quorum - approvals.length);
	const decide = (state: GateState, reason: string): GateAssessment => ({
		state,
		reason,
		approvals: state === 'approved' && glass && missing > 0 ? [glass] : approvals,
		missing: state === 'open' ? missing : 0,
		breakGlass: state === 'approved' && glass !== undefined && missing > 0,
	});

	if (gate.state === 'void') return decide('void', gate.reason);
	if (changed.length > 0)
		return decide('void', `the evidence has changed since it was shown: other ${changed.join(', ')}`);
	if (gate.decidedAt !== null) return decide(gate.state, gate.reason);
	const no = votes.find(({ decision }) => decision === 'reject');
	if (no) return decide('rejected', `rejected by ${nameOf(gate, no.approver)}: ${no.comment}`);
	if (missing === 0)
		return decide('approved', `approved by ${approvals.map(({ approver }) => nameOf(gate, approver)).join(', ')}`);
	if (glass) return decide('approved', `passed alone by ${nameOf(gate, glass.approver)}: ${glass.comment}`);
	if (now >= gate.expiresAt) return decide('expired', 'nobody decided in time');
	return decide('open', '');
}

/** Votes for what the gate shows, by who may give them. A yes counts only if given while the gate was open; a no always stands. */
function countedVotes({ gate, votes, release }: GateFacts): VoteRecord[] {
	const eligible = eligibleApprovers(gate.approvers, release);
	return votes.filter((vote) => {
		if (vote.evidenceHash !== gate.evidenceHash) return false;
		const isThis = ({ id }: { readonly id: string }): boolean => id === vote.approver;
		if (vote.decision === 'reject') return gate.approvers.some(isThis);
		if (vote.votedAt < gate.openedAt || vote.votedAt >= gate.expiresAt) return false;
		if (vote.decision === 'approve') return eligible.some(isThis);
		return gate.approvers.some((approver) => isThis(approver) && approver.breakGlass) && vote.comment.trim() !== '';
	});
}

function onePerPerson(votes: readonly VoteRecord[]): VoteRecord[] {
	const persons = votes.map(({ approver }) => approver);
	return votes.filter(({ approver }, index) => persons.indexOf(approver) === index);
}

function nameOf({ approvers }: GateRecord, approver: string): string {
	return approvers.find(({ id }) => id === approver)?.name ?? approver;
}
