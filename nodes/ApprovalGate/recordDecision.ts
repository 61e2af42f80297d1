import type { GateAssessment } from '../../lib/approval/assessGate';
import type { GateRecord, GateState, VoteRecord } from '../../lib/release/gate';
import type { Ledger } from '../../lib/release/ledger';
import type { Json, ReleaseContext } from '../../lib/release/model';
import type { Step } from '../../lib/release/recordStep';
import { stepHash } from '../../lib/release/stepHash';

/** How a gate ended, for the ledger, the report and the item. */
export type DecisionJson = { readonly [key: string]: Json };

/** Writes that a gate waits: its step is started. One that waits already stays as it is. @throws RunbookError RELEASE.FENCED_OUT */
export async function startWaiting(ledger: Ledger, release: ReleaseContext, gate: GateRecord): Promise<void> {
	const step = stepOf(release, gate);
	const inputHash = stepHash(step.inputs);
	const known = await ledger.readStep(release.id, gate.gate, '');
	if (known?.state === 'started' && known.inputHash === inputHash) return;
	await ledger.startStep(step, { inputHash, inverse: null });
}

/** Writes how a gate ended: in the gate, then in its step, which is what the change behind it asks for. @throws RunbookError RELEASE.FENCED_OUT */
export async function recordDecision(
	ledger: Ledger,
	release: ReleaseContext,
	{ gate, assessment }: { gate: GateRecord; assessment: GateAssessment },
): Promise<DecisionJson> {
	const { state, reason } = assessment;
	if (state === 'open') throw new TypeError('an open gate is not decided');
	await startWaiting(ledger, release, gate);
	await ledger.gates.decideGate(release, gate.gate, { state, reason });
	const result = describeDecision(gate, assessment);
	await ledger.finishStep(stepOf(release, gate), {
		state: state === 'approved' ? 'passed' : 'failed',
		result,
		evidence: { evidenceHash: gate.evidenceHash },
		error: null,
	});
	return result;
}

/** A decided gate, as items and reports show it. */
export function describeDecision(gate: GateRecord, assessment: GateAssessment): DecisionJson {
	const { state, reason, approvals, breakGlass } = assessment;
	const nameOf = (id: string): string => gate.approvers.find((one) => one.id === id)?.name ?? id;
	return {
		gate: gate.gate,
		state: state satisfies GateState,
		reason,
		quorum: gate.quorum,
		breakGlass,
		evidenceHash: gate.evidenceHash,
		openedAt: gate.openedAt.toISOString(),
		approvers: approvals.map(({ approver }) => nameOf(approver)),
		votes: approvals.map((vote: VoteRecord) => ({
			approver: vote.approver,
			decision: vote.decision,
			comment: vote.comment,
			strength: vote.strength,
			votedAt: vote.votedAt.toISOString(),
		})),
	};
}

function stepOf(release: ReleaseContext, { gate, evidenceHash, quorum }: GateRecord): Step {
	const inputs = { evidenceHash, quorum };
	return { release, stepKey: gate, itemKey: '', kind: 'verdict', inputs, requires: [] };
}
