import type { ComponentChildren, VNode } from 'preact';
import type { CardFacts } from './card';
import { exclusionOf } from './exclusion';
import { formatTime } from './format';

const SAID = { approve: 'approved', reject: 'rejected', 'break-glass': 'broke the glass' } as const;

/** Who has voted, and who still may. */
export function Votes({ gate, votes, release, approver }: CardFacts): VNode {
	const nameOf = (id: string): string => gate.approvers.find((one) => one.id === id)?.name ?? id;
	const waiting = gate.approvers.filter(
		(one) => exclusionOf(one, release) === undefined && !votes.some((vote) => vote.approver === one.id),
	);
	return (
		<section aria-labelledby="votes">
			<h2 id="votes">Votes</h2>
			{votes.length === 0 ? <p>Nobody has voted yet.</p> : null}
			<ul>
				{votes.map((vote) => (
					<li>
						<b>{nameOf(vote.approver)}</b> {SAID[vote.decision]}{' '}
						<span class="soft small">
							{formatTime(vote.votedAt)}, known by {vote.strength}
						</span>
						{vote.comment === '' ? null : <div>“{vote.comment}”</div>}
					</li>
				))}
			</ul>
			{waiting.length === 0 ? null : (
				<p class="soft small">
					May still vote: {waiting.map((one) => (one.id === approver.id ? 'you' : one.name)).join(', ')}
				</p>
			)}
		</section>
	);
}

/** The buttons of whom the link belongs to; somebody who may not decide is told so. */
export function Ballot({ approver, release }: CardFacts): VNode {
	const exclusion = exclusionOf(approver, release);
	return (
		<div id="decision">
			{exclusion === undefined ? (
				<section aria-labelledby="ballot">
					<h2 id="ballot">Your decision, {approver.name}</h2>
					<VoteForm id="comment" label="Comment (a reason, if you reject)">
						<div class="buttons">
							<button type="submit" name="decision" value="reject" class="reject">
								Reject
							</button>
							<button type="submit" name="decision" value="approve" class="approve">
								Approve
							</button>
						</div>
					</VoteForm>
				</section>
			) : (
				<section class="notice">
					<p>
						{approver.name}, you{' '}
						{exclusion === 'starter' ? 'started this release' : 'wrote a part of this release'}, so somebody
						else has to decide.
					</p>
				</section>
			)}
			{approver.breakGlass ? (
				<details>
					<summary>Emergency: break the glass</summary>
					<p class="small">
						You pass this gate alone. The reason is recorded under your name, and the people on call are
						paged at once.
					</p>
					<VoteForm id="reason" label="Reason" required>
						<button type="submit" name="decision" value="break-glass" class="glass-button">
							Break the glass and pass
						</button>
					</VoteForm>
				</details>
			) : null}
		</div>
	);
}

function VoteForm({
	id,
	label,
	required = false,
	children,
}: {
	readonly id: string;
	readonly label: string;
	readonly required?: boolean;
	readonly children: ComponentChildren;
}): VNode {
	return (
		<form method="post">
			<label for={id}>{label}</label>
			<textarea id={id} name="comment" maxLength={2000} required={required} autocomplete="off" />
			{children}
			<p class="progress" role="status" aria-live="polite" />
		</form>
	);
}
