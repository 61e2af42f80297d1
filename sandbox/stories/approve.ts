import { readGate } from './ledgerView.ts';
import { linkIn, readMails } from './mails.ts';
import { waitUntil } from './world.ts';
import type { World } from './world.ts';

export type Decision = 'approve' | 'reject' | 'break-glass';

export interface Vote {
	readonly decision: Decision;
	/** Whose link is used, by mail address. */
	readonly approver: string;
	readonly comment?: string;
}

export interface GateOfRelease {
	readonly releaseId: string;
	/** 3 is that of the database rollback. */
	readonly gate: 1 | 2 | 3;
}

/** Waits until a gate's mails are there, and gives each approver's link by mail address. */
export async function awaitLinks(
	world: World,
	{ releaseId, gate }: GateOfRelease,
	timeoutMs: number,
): Promise<ReadonlyMap<string, string>> {
	const key = `gate-${String(gate)}/approval`;
	return await waitUntil(
		`the mails of gate ${String(gate)} of ${releaseId}`,
		async () => {
			const open = await readGate(world, releaseId, key);
			if (!open) return undefined;
			// A link names the execution that waits: mails of other releases are left out by it.
			const links = (await readMails(world))
				.map((mail) => [mail.to, linkIn(mail)] as const)
				.filter(([, link]) => new URL(link).pathname.endsWith(`/${open.execution_id}`));
			return links.length >= open.approvers.length ? new Map(links) : undefined;
		},
		timeoutMs,
	);
}

/** Opens a link as an approver would, waiting until n8n knows the page. */
export async function openCard(link: string): Promise<string> {
	return await waitUntil(
		'the approval card',
		async () => {
			try {
				const response = await fetch(link, { signal: AbortSignal.timeout(2000) });
				const page = await response.text();
				return response.ok && page.includes('name="decision"') ? page : undefined;
			} catch {
				// Asked in the moment between the mail and the wait, n8n may leave the request unanswered; a person would reload.
				return undefined;
			}
		},
		30_000,
	);
}

/** Sends a vote as the card's form does. n8n answers 409 while the run looks at the vote before; the card's script tries again then. */
export async function vote(link: string, { decision, comment = 'seen' }: Omit<Vote, 'approver'>): Promise<Response> {
	return await waitUntil(
		'an answer to the vote',
		async () => {
			const response = await fetch(link, {
				method: 'POST',
				headers: { accept: 'application/json' },
				body: new URLSearchParams({ decision, comment }),
				signal: AbortSignal.timeout(10_000),
			}).catch(() => undefined);
			if (response === undefined) return undefined;
			const known = (await response.clone().json()) as { status?: string; error?: unknown };
			return known.status === 'recorded' || known.error !== undefined ? response : undefined;
		},
		60_000,
		1000,
	);
}

/** Waits for a gate's mails, opens the card of one approver and votes. */
export async function approve(
	world: World,
	{
		releaseId,
		gate,
		vote: { approver, ...ballot },
		timeoutMs,
		onLink,
	}: GateOfRelease & {
		vote: Vote;
		timeoutMs: number;
		onLink?: ((gate: 1 | 2 | 3, link: string) => Promise<void>) | undefined;
	},
): Promise<void> {
	const link = (await awaitLinks(world, { releaseId, gate }, timeoutMs)).get(approver);
	if (link === undefined) throw new Error(`gate ${String(gate)} sent no link to ${approver}`);
	await openCard(link);
	await onLink?.(gate, link);
	const response = await vote(link, ballot);
	if (!response.ok) throw new Error(`the vote at gate ${String(gate)} was refused: ${await response.text()}`);
}
