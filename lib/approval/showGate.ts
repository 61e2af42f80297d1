import type { Release, Sample } from '../release/model';
import { RunbookError } from '../support/runbookError';
import { renderDecided, renderRefusal } from './answerPages';
import { assessGate } from './assessGate';
import { renderCard } from './card';
import { approvalErrors, STATUS_OF_REFUSAL } from './errors';
import { latestSamples } from './latestSamples';
import { describeRollBackCost } from './rollBackCost';
import { admitVisitor, type Visit, type Visitor, type VotingStation } from './takeVote';

/** What the card reads beside the gate. */
export interface CardLedger {
	readSamples(releaseId: string): Promise<Sample[]>;
	/** By step key, in milliseconds. */
	readUsualDurations(environment: string): Promise<ReadonlyMap<string, number>>;
}

export interface GatePage {
	readonly status: number;
	readonly html: string;
}

/** The page under an approval link: the card, or why there is none. It writes nothing, whoever opens it. @throws RunbookError APPROVAL.LEDGER_UNREACHABLE */
export async function showGate(
	station: VotingStation & { ledger: CardLedger },
	visit: Visit,
	nonce: string,
): Promise<GatePage> {
	let visitor: Visitor;
	try {
		visitor = await admitVisitor(station, visit);
	} catch (error) {
		if (!(error instanceof RunbookError) || error.retryable) throw error;
		return refused(error);
	}
	const { gate, release, votes, claims, evidence, refusal } = visitor;
	if (refusal?.code === 'APPROVAL.ALREADY_DECIDED' && gate.state !== 'open')
		return { status: 200, html: renderDecided(gate) };
	if (refusal) return refused(refusal, visitor);
	const approver = gate.approvers.find(({ id }) => id === claims.approver);
	if (!approver) throw approvalErrors.UNEXPECTED();
	const { samples, usualDurations } = await readBeside(station.ledger, release);
	const now = station.clock.now();
	const html = renderCard({
		release,
		gate,
		evidence,
		votes: votes.filter(({ evidenceHash }) => evidenceHash === gate.evidenceHash),
		assessment: assessGate({ gate, votes, release, changed: [], now }),
		approver,
		samples: latestSamples(samples),
		cost: describeRollBackCost(evidence, release, usualDurations),
		now,
		nonce,
	});
	return { status: 200, html };
}

async function readBeside(
	ledger: CardLedger,
	{ id, environment }: Release,
): Promise<{ samples: readonly Sample[]; usualDurations: ReadonlyMap<string, number> }> {
	try {
		return { samples: await ledger.readSamples(id), usualDurations: await ledger.readUsualDurations(environment) };
	} catch (error) {
		throw approvalErrors.LEDGER_UNREACHABLE({}, error);
	}
}

function refused(refusal: RunbookError, visitor?: Visitor): GatePage {
	const earlier = visitor?.votes.find(({ nonce }) => nonce === visitor.claims.nonce);
	return { status: STATUS_OF_REFUSAL[refusal.code] ?? 500, html: renderRefusal(refusal, earlier) };
}
