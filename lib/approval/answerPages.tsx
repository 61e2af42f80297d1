import type { Decision, GateRecord, VoteRecord } from '../release/gate';
import type { RunbookError } from '../support/runbookError';
import { formatTime, titleOf } from './format';
import { renderPage } from './page';

const SAID: Readonly<Record<Decision, string>> = {
	approve: 'Your approval is recorded',
	reject: 'Your rejection is recorded',
	'break-glass': 'The glass is broken',
};
const NEXT: Readonly<Record<Decision, string>> = {
	approve: 'The release goes on as soon as enough persons have approved.',
	reject: 'The release stops here.',
	'break-glass': 'The release goes on, and the people on call are paged.',
};

/** The page after a vote that counts. */
export function renderRecorded(
	decision: Decision,
	{ gate, version, environment }: { gate: string; version: string; environment: string },
): string {
	const title = SAID[decision];
	return renderPage({
		title,
		children: (
			<>
				<p class="over">
					{titleOf(gate)} · {environment}
				</p>
				<div class={`answer notice ${decision === 'reject' ? 'bad' : 'good'}`} role="status">
					<h1>{title}</h1>
					<p>
						Release {version} to {environment}. {NEXT[decision]}
					</p>
					<p class="soft">You can close this page.</p>
				</div>
			</>
		),
	});
}

/** The page of a vote, or a link, that is refused: what, why, and what to do. */
export function renderRefusal({ code, message, why, fix }: RunbookError, earlier?: VoteRecord): string {
	return renderPage({
		title: message,
		children: (
			<div class="answer notice bad" role="alert">
				<h1>{message}</h1>
				<p>{why}.</p>
				{earlier === undefined ? null : (
					<p>
						Recorded under this link: <b>{earlier.decision}</b>, {formatTime(earlier.votedAt)}.
					</p>
				)}
				<p>
					<b>What to do:</b> {fix}.
				</p>
				<p class="soft small">
					<code>{code}</code>
				</p>
			</div>
		),
	});
}

const ENDED: Readonly<Record<GateRecord['state'], string>> = {
	open: 'still open',
	approved: 'approved',
	rejected: 'rejected',
	expired: 'expired: nobody decided in time',
	void: 'void: what was to be decided on has changed',
};

/** The page of a gate that is decided already. */
export function renderDecided({ gate, state, reason, decidedAt }: GateRecord): string {
	const title = `${titleOf(gate)} is decided already`;
	return renderPage({
		title,
		children: (
			<div class={`answer notice ${state === 'approved' ? 'good' : 'bad'}`} role="status">
				<h1>{title}</h1>
				<p>
					It is <b>{ENDED[state]}</b>
					{decidedAt === null ? '' : `, ${formatTime(decidedAt)}`}.
				</p>
				{reason === '' ? null : <p>{reason}</p>}
				<p class="soft">Nothing more is needed.</p>
			</div>
		),
	});
}
