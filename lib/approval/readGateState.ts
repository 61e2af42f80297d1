import type { GateRecord, GateStore, VoteRecord } from '../release/gate';
import type { Release, StepRecord } from '../release/model';
import type { GateName } from './approvalLinks';
import { guardedSteps } from './guardedSteps';
import { findChanges, type HashJson } from './buildEvidence';
import { approvalErrors } from './errors';
import type { Evidence } from './model';

/** What gates need of the ledger. */
export interface GateLedger {
	readonly gates: GateStore;
	readRelease(releaseId: string): Promise<Release | undefined>;
	readSteps(releaseId: string): Promise<StepRecord[]>;
	readPlan(releaseId: string): Promise<ReadonlyArray<{ readonly part: string; readonly hash: string }>>;
}

/** A gate as the ledger holds it now. */
export interface GateStanding {
	readonly release: Release;
	readonly gate: GateRecord;
	readonly evidence: Evidence;
	readonly votes: readonly VoteRecord[];
	/** What of the evidence holds no longer; empty when all of it does. */
	readonly changed: readonly string[];
}

/**
 * Reads a gate, its votes, and whether what was shown still holds. An approval whose change was begun is used: what that change does to the
 * evidence does not void it. @throws RunbookError APPROVAL.GATE_UNKNOWN
 */
export async function readGateState(
	ledger: GateLedger,
	{ releaseId, gate: name }: GateName,
	hash: HashJson,
): Promise<GateStanding> {
	const gate = await ledger.gates.readGate(releaseId, name);
	const release = await ledger.readRelease(releaseId);
	if (!gate || !release) throw approvalErrors.GATE_UNKNOWN({ gate: name, releaseId });
	const votes = await ledger.gates.readVotes(releaseId, name);
	const steps = await ledger.readSteps(releaseId);
	const plan = await ledger.readPlan(releaseId);
	const evidence = gate.evidence as unknown as Evidence;
	const used = isUsed(gate, steps, evidence.bound.guards);
	return {
		release,
		gate,
		evidence,
		votes,
		changed: used ? [] : findChanges(evidence.bound, { release, steps, plan }, hash),
	};
}

/** True when the change behind an approved gate was begun. */
export function isUsed(gate: GateRecord, steps: readonly StepRecord[], guards: string): boolean {
	return gate.state === 'approved' && steps.some(({ stepKey }) => stepKey === guardedSteps(guards).at(-1));
}
