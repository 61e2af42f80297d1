import type { VNode } from 'preact';
import type { Approver, GateRecord, VoteRecord } from '../release/gate';
import type { Release, Sample } from '../release/model';
import type { GateAssessment } from './assessGate';
import { Changes } from './cardChanges';
import { Backup, Checks, NoStaging, NotProven, Samples } from './cardEvidence';
import { Ballot, Votes } from './cardVotes';
import { formatTime, titleOf } from './format';
import type { Evidence } from './model';
import { renderPage } from './page';
import type { RollBackCost } from './rollBackCost';

export interface CardFacts {
	readonly release: Release;
	readonly gate: GateRecord;
	readonly evidence: Evidence;
	/** Votes for this evidence, oldest first. */
	readonly votes: readonly VoteRecord[];
	readonly assessment: GateAssessment;
	/** Whose link it is. */
	readonly approver: Approver;
	/** The newest sample of each metric. */
	readonly samples: readonly Sample[];
	readonly cost: RollBackCost;
	readonly now: Date;
	/** Allows the card's own script. */
	readonly nonce: string;
}

/** The page on which an approver decides. It holds no token: the form posts to the address it was opened under. */
export function renderCard(facts: CardFacts): string {
	const { release, gate, evidence, nonce } = facts;
	const { version, environment } = evidence.bound;
	const { oldCode } = evidence.shown;
	const children = (
		<>
			<p class="over">
				{titleOf(gate.gate)} · {environment} · release {release.id}
			</p>
			<h1>
				Release {version} to {environment}?
			</h1>
			<Standing {...facts} />
			<section class="notice" aria-labelledby="follows">
				<h2 id="follows">What happens if it is approved</h2>
				<p>{evidence.shown.whatFollows}</p>
			</section>
			<Changes {...evidence} />
			{oldCode?.passed === false ? <NotProven {...oldCode} /> : null}
			{evidence.shown.staging === 'none' ? <NoStaging /> : null}
			<Checks checks={evidence.shown.checks} />
			<Backup backup={evidence.shown.backup} />
			<Samples samples={facts.samples} />
			<section aria-labelledby="back">
				<h2 id="back">If it has to go back</h2>
				<p>{facts.cost.time}</p>
				<p>{facts.cost.loss}</p>
				{oldCode?.passed ? (
					<p>The version that serves now was run on the new schema: {oldCode.reason}.</p>
				) : null}
			</section>
			<Votes {...facts} />
			<Ballot {...facts} />
		</>
	);
	return renderPage({ title: `${titleOf(gate.gate)}: release ${version} to ${environment}`, children, nonce });
}

function Standing({ gate, assessment, now }: CardFacts): VNode {
	const { approvals, missing } = assessment;
	return (
		<>
			<div class="status">
				<div>
					<b>
						{approvals.length} of {gate.quorum}
					</b>
					{gate.quorum === 1 ? 'approval' : 'approvals'}, {missing} missing
				</div>
				<div>
					<b id="left">Open</b>
					until{' '}
					<time dateTime={gate.expiresAt.toISOString()} data-until data-now={String(now.getTime())}>
						{formatTime(gate.expiresAt)}
					</time>
				</div>
			</div>
			<a class="jump" href="#decision">
				Go to the decision
			</a>
		</>
	);
}
