import { gateWaitEnd } from '../clock/gateWaitEnd';
import { boundJson } from './boundJson';
import { describeKey } from './describeText';
import type { ApprovalReport, GateFacts, ReleaseFacts, VoteReport } from './model';
import { gateVerdict } from './timelineWords';

/** Every gate with who was asked, who said what, when, and to which evidence. Addresses and wake seals are left out. */
export function describeApprovals({ gates, release }: ReleaseFacts, now: Date): ApprovalReport[] {
	return gates.map(({ gate, votes }) => ({
		gate: gate.gate,
		title: describeKey(gate.gate),
		state: gate.state,
		verdict: gateVerdict(gate.state),
		quorum: gate.quorum,
		approvers: gate.approvers.map(
			({ name, id, breakGlass }) => `${name || id}${breakGlass ? ' (may break glass)' : ''}`,
		),
		openedAt: gate.openedAt.toISOString(),
		expiresAt: gate.expiresAt.toISOString(),
		decidedAt: gate.decidedAt?.toISOString() ?? null,
		waitedMs: Math.max(0, (gateWaitEnd(gate, release.finishedAt) ?? now).getTime() - gate.openedAt.getTime()),
		reason: gate.reason,
		evidenceHash: gate.evidenceHash,
		evidence: boundJson(gate.evidence).value,
		votes: votes.map((vote) => describeVote(vote, gate)),
	}));
}

function describeVote(vote: GateFacts['votes'][number], gate: GateFacts['gate']): VoteReport {
	const approver = gate.approvers.find(({ id }) => id === vote.approver);
	return {
		person: approver?.name || vote.approver,
		decision: vote.decision,
		comment: vote.comment,
		strength: vote.strength,
		votedAt: vote.votedAt.toISOString(),
		evidenceHash: vote.evidenceHash,
		counts: vote.evidenceHash === gate.evidenceHash,
	};
}
