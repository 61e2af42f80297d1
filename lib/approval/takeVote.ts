import type { Decision, VoteRecord } from '../release/gate';
import type { Clock } from '../support/clock';
import { RunbookError } from '../support/runbookError';
import type { ApprovalLinks, GateName } from './approvalLinks';
import { assessBallot, assessVoter, type VoterFacts } from './assessVoter';
import type { HashJson } from './buildEvidence';
import { approvalErrors } from './errors';
import type { IdentityProvider, VoteRequest } from './identity';
import type { Ballot, VoteClaims } from './model';
import { readGateState, type GateLedger, type GateStanding } from './readGateState';

/** One request under an approval link. */
export interface Visit {
	/** The gate at which the execution waits that was addressed. */
	readonly gate: GateName;
	/** Empty when the address has none. */
	readonly token: string;
	readonly request: VoteRequest;
}

export interface VotingStation {
	readonly ledger: GateLedger;
	readonly links: ApprovalLinks;
	readonly identity: IdentityProvider;
	readonly clock: Clock;
	readonly hash: HashJson;
}

export interface Visitor extends GateStanding {
	readonly claims: VoteClaims;
	readonly facts: VoterFacts;
	/** Why the link may not vote; undefined when it may. */
	readonly refusal: RunbookError | undefined;
}

export type VoteOutcome =
	| {
			readonly outcome: 'recorded';
			readonly decision: Decision;
			readonly approver: string;
			readonly standing: GateStanding;
	  }
	| { readonly outcome: 'refused'; readonly refusal: RunbookError; readonly earlier: VoteRecord | undefined };

/** Who comes with a link, and whether they may vote. Writes nothing. @throws RunbookError APPROVAL.TOKEN_*, GATE_UNKNOWN, LEDGER_UNREACHABLE */
export async function admitVisitor(station: VotingStation, { gate: name, token, request }: Visit): Promise<Visitor> {
	const { ledger, links, identity, clock, hash } = station;
	if (token === '') throw approvalErrors.TOKEN_MISSING();
	const claims = await links.readVote(token, clock.now());
	const standing = await ofLedger(readGateState(ledger, name, hash));
	const facts: VoterFacts = {
		...standing,
		claims,
		approver: await identity.identify(request, claims),
		strength: identity.strength,
		leastStrength: standing.evidence.bound.rules.leastStrength,
		now: clock.now(),
	};
	return { ...standing, claims, facts, refusal: assessVoter(facts) };
}

/**
 * Takes one vote: one INSERT, of the vote or of its refusal, and nothing else. What a forged token says is recorded nowhere.
 * @throws RunbookError APPROVAL.LEDGER_UNREACHABLE (nothing was recorded), GATE_UNKNOWN
 */
export async function takeVote(station: VotingStation, visit: Visit, ballot: Ballot): Promise<VoteOutcome> {
	const refuse = async (refusal: RunbookError, approver: string, earlier?: VoteRecord): Promise<VoteOutcome> => {
		const { code, message } = refusal;
		await ofLedger(station.ledger.gates.refuseVote({ ...visit.gate, approver, code, message }));
		return { outcome: 'refused', refusal, earlier };
	};
	const visitor = await admitVisitor(station, visit).catch((error: unknown) => error);
	if (visitor instanceof RunbookError && visitor.code.startsWith('APPROVAL.TOKEN_'))
		return await refuse(visitor, String(visitor.meta.approver ?? ''));
	if (!isVisitor(visitor)) throw visitor;

	const { claims, facts, votes } = visitor;
	const earlier = votes.find(({ nonce }) => nonce === claims.nonce);
	if (visitor.refusal) return await refuse(visitor.refusal, claims.approver, earlier);
	const decision = assessBallot(facts, ballot);
	if (decision instanceof RunbookError) return await refuse(decision, claims.approver);
	const cast = await ofLedger(
		station.ledger.gates.castVote({
			...visit.gate,
			approver: claims.approver,
			nonce: claims.nonce,
			decision,
			comment: ballot.comment.trim(),
			strength: facts.strength,
			evidenceHash: claims.evidenceHash,
		}),
	);
	// The ledger has recorded this refusal by itself.
	if (cast === 'replayed') return { outcome: 'refused', refusal: approvalErrors.REPLAYED(), earlier };
	return { outcome: 'recorded', decision, approver: claims.approver, standing: visitor };
}

function isVisitor(value: unknown): value is Visitor {
	return typeof value === 'object' && value !== null && 'claims' in value && 'facts' in value;
}

/** The ledger's answer; its silence or refusal in the words of a voter. */
async function ofLedger<T>(answer: Promise<T>): Promise<T> {
	try {
		return await answer;
	} catch (error) {
		if (error instanceof RunbookError && !error.retryable && error.code !== 'RELEASE.LEDGER_REFUSED') throw error;
		throw approvalErrors.LEDGER_UNREACHABLE({}, error);
	}
}
