import type { JSX } from 'preact';
import { describeCount, describeDuration } from '../describeText';
import type { ApprovalReport, RefusalReport, ReportModel, VoteReport } from '../model';
import { Badge, describeOffset, Folded, Instant } from './marks';

const DECISIONS: Readonly<
	Record<string, { readonly word: string; readonly state: 'passed' | 'failed' | 'inconclusive' }>
> = {
	approve: { word: 'approved', state: 'passed' },
	reject: { word: 'rejected', state: 'failed' },
	'break-glass': { word: 'broke glass', state: 'inconclusive' },
};

/** Who approved or refused what, when, and on which evidence. */
export function ApprovalSection({ approvals }: { readonly approvals: readonly ApprovalReport[] }): JSX.Element {
	return (
		<section id="approvals" aria-labelledby="approvals-title">
			<h2 id="approvals-title">Approvals</h2>
			{approvals.length === 0 ? <p class="empty">No gate was opened.</p> : approvals.map(Approval)}
		</section>
	);
}

function Approval(approval: ApprovalReport): JSX.Element {
	const { title, gate, state, verdict, quorum, votes, approvers, reason, openedAt, expiresAt, decidedAt } = approval;
	return (
		<div style="margin-bottom:18px">
			<div class="approval-head">
				<h3>
					{title} <Badge state={state === 'open' ? 'started' : verdict} word={state} />{' '}
					<span class="soft small" style="font-weight:400">
						<code>{gate}</code>
					</span>
				</h3>
				<p class="small">
					Needed {describeCount(quorum, 'approval')} of{' '}
					{approvers.length === 0 ? 'nobody named' : approvers.join(', ')}. Opened <Instant at={openedAt} />,{' '}
					{decidedAt ? (
						<>
							decided <Instant at={decidedAt} />
						</>
					) : (
						<>
							not decided (expires <Instant at={expiresAt} />)
						</>
					)}
					, waited {describeDuration(approval.waitedMs)}.{reason === '' ? '' : ` Reason: ${reason}`}
				</p>
				<p class="small soft">
					Evidence <code>sha256 {approval.evidenceHash}</code>
				</p>
			</div>
			{votes.length === 0 ? (
				<p class="empty">Nobody voted.</p>
			) : (
				<table class="cards">
					<thead>
						<tr>
							<th scope="col">Person</th>
							<th scope="col">Decision</th>
							<th scope="col">When</th>
							<th scope="col">Identity</th>
							<th scope="col">Comment</th>
						</tr>
					</thead>
					<tbody>{votes.map(Vote)}</tbody>
				</table>
			)}
			<Folded title="What was shown and voted on" value={approval.evidence} />
		</div>
	);
}

function Vote({ person, decision, votedAt, strength, comment, counts, evidenceHash }: VoteReport): JSX.Element {
	const known = DECISIONS[decision];
	return (
		<tr>
			<th scope="row">{person}</th>
			<td>
				<Badge state={known?.state ?? null} word={known?.word ?? decision} />
				{counts ? null : (
					<div class="soft small">
						does not count: cast on other evidence (<code>{evidenceHash.slice(0, 12)}…</code>)
					</div>
				)}
			</td>
			<td data-label="When">
				<Instant at={votedAt} />
			</td>
			<td data-label="Identity">{strength}</td>
			<td class="pre-line" data-label="Comment">
				{comment === '' ? '–' : comment}
			</td>
		</tr>
	);
}

/** What was asked for and not done. */
export function RefusalSection({ refusals }: { readonly refusals: readonly RefusalReport[] }): JSX.Element {
	return (
		<section id="refusals" aria-labelledby="refusals-title">
			<h2 id="refusals-title">Refusals</h2>
			{refusals.length === 0 ? (
				<p class="empty">Nothing was refused.</p>
			) : (
				<table class="cards">
					<caption>What was asked for and not done.</caption>
					<thead>
						<tr>
							<th scope="col">When</th>
							<th scope="col">Code</th>
							<th scope="col">Who</th>
							<th scope="col">What</th>
						</tr>
					</thead>
					<tbody>
						{refusals.map(({ at, code, person, message }) => (
							<tr>
								<th scope="row">
									<Instant at={at} />
								</th>
								<td>
									<code>{code}</code>
								</td>
								<td data-label="Who">{person === '' ? 'unknown' : person}</td>
								<td class="pre-line">{message}</td>
							</tr>
						))}
					</tbody>
				</table>
			)}
		</section>
	);
}

/** What happened, in order. */
export function TimelineSection({ timeline }: Pick<ReportModel, 'timeline'>): JSX.Element {
	return (
		<section id="timeline" aria-labelledby="timeline-title">
			<h2 id="timeline-title">Timeline</h2>
			<table class="cards">
				<caption>
					Times are UTC by the ledger's clock; the second column counts from the start. # is the link of the
					hash chain.
				</caption>
				<thead>
					<tr>
						<th scope="col" style="width:84px">
							Time
						</th>
						<th scope="col" style="width:110px">
							Since start
						</th>
						<th scope="col">What happened</th>
						<th scope="col" style="width:50px">
							#
						</th>
						<th scope="col" style="width:118px">
							Verdict
						</th>
					</tr>
				</thead>
				<tbody>
					{timeline.map(({ at, offsetMs, title, detail, verdict, sequence }) => (
						<tr>
							<td class="time">
								<Instant at={at} short />
							</td>
							<td class="time" data-label="Since start">
								{describeOffset(offsetMs)}
							</td>
							<td>
								{title}
								{detail === '' ? null : <div class="soft small pre-line">{detail}</div>}
							</td>
							<td class="number soft" data-label="Link">
								{sequence ?? '–'}
							</td>
							<td>{verdict === null ? null : <Badge state={verdict} />}</td>
						</tr>
					))}
				</tbody>
			</table>
		</section>
	);
}
