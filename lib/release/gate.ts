import type { Json, ReleaseContext } from './model';

/** A person who may decide at a gate. */
export interface Approver {
	/** Stable and unique in the configuration, e.g. an account name. */
	readonly id: string;
	readonly name: string;
	/** Where the link is sent. */
	readonly email: string;
	/** True for who may pass a gate alone, with a reason and an immediate page. */
	readonly breakGlass: boolean;
}

/** How sure we are of who voted. `link`: whoever holds the link. Ordered from weak to strong. */
export type IdentityStrength = 'link' | 'slack' | 'oidc' | 'github';

export type GateState = 'open' | 'approved' | 'rejected' | 'expired' | 'void';

/** A gate of a release that waits, or waited, for people. */
export interface GateRecord {
	readonly releaseId: string;
	/** Its step key, e.g. `gate-1/approval`. */
	readonly gate: string;
	readonly state: GateState;
	/** How many persons must approve. */
	readonly quorum: number;
	readonly approvers: readonly Approver[];
	/** What is shown and voted on, without secrets. */
	readonly evidence: Json;
	/** SHA-256 (hex) of the part of it that a vote is bound to. */
	readonly evidenceHash: string;
	readonly openedAt: Date;
	readonly expiresAt: Date;
	readonly decidedAt: Date | null;
	/** Why it was decided so; empty while open. */
	readonly reason: string;
	/** n8n execution that waits at it. */
	readonly executionId: string;
	/** Where to wake that execution, sealed; it is no permission. */
	readonly wakeSeal: string;
}

export type Decision = 'approve' | 'reject' | 'break-glass';

export interface Vote {
	readonly releaseId: string;
	readonly gate: string;
	/** Approver id. */
	readonly approver: string;
	/** The token's id: each token votes once. */
	readonly nonce: string;
	readonly decision: Decision;
	readonly comment: string;
	readonly strength: IdentityStrength;
	/** The evidence that the voter saw. */
	readonly evidenceHash: string;
}

export interface VoteRecord extends Vote {
	readonly votedAt: Date;
}

export interface NewGate {
	readonly gate: string;
	readonly quorum: number;
	readonly approvers: readonly Approver[];
	readonly evidence: Json;
	readonly evidenceHash: string;
	readonly expiresInMs: number;
	readonly executionId: string;
	readonly wakeSeal: string;
}

/** A vote that was not counted. */
export interface VoteRefusal {
	readonly releaseId: string;
	readonly gate: string;
	/** Approver id; empty when the token did not tell. */
	readonly approver: string;
	readonly code: string;
	readonly message: string;
}

/** Gates and votes. The rows are the decision; waking the execution is not. */
export interface GateStore {
	/**
	 * Opens a gate and lets its release wait until it expires. One that is open or approved for the same evidence stays as it is, with its
	 * votes; only where to wake is renewed. For other evidence it is opened anew and earlier votes do not count.
	 * @throws RunbookError RELEASE.FENCED_OUT
	 */
	openGate(release: ReleaseContext, gate: NewGate): Promise<GateRecord>;
	readGate(releaseId: string, gate: string): Promise<GateRecord | undefined>;
	/** One INSERT. `replayed`: this token has voted; the refusal is recorded instead. */
	castVote(vote: Vote): Promise<'recorded' | 'replayed'>;
	refuseVote(refusal: VoteRefusal): Promise<void>;
	/** Oldest first, for any evidence. */
	readVotes(releaseId: string, gate: string): Promise<VoteRecord[]>;
	/**
	 * Ends the wait: the release runs again. Only the first decision counts, and a gate that was voided stays void, whatever was about to
	 * be decided from its votes. @throws RunbookError RELEASE.FENCED_OUT
	 */
	decideGate(
		release: ReleaseContext,
		gate: string,
		decision: { readonly state: Exclude<GateState, 'open'>; readonly reason: string },
	): Promise<GateRecord>;
	/** Notes that the execution reads the votes now: later ones are unanswered until it looks again. @throws RunbookError RELEASE.FENCED_OUT */
	lookAtGate(release: ReleaseContext, gate: string): Promise<void>;
	/** Voids an open gate: what was voted on no longer holds. False when it was not open. */
	voidGate(releaseId: string, gate: string, reason: string): Promise<boolean>;
	/** Open gates of live releases that were voided, or hold a vote that their execution has not looked at for `forMs`. */
	listUnanswered(environment: string, forMs: number): Promise<GateRecord[]>;
}
