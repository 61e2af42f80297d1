import { approve } from './approve.ts';
import { findRelease, readSteps } from './ledgerView.ts';
import type { LedgerRelease, LedgerStep } from './ledgerView.ts';
import { sendRelease } from './sendRelease.ts';
import { waitUntil } from './world.ts';
import type { World } from './world.ts';

export interface Story {
	readonly release: LedgerRelease;
	readonly steps: readonly LedgerStep[];
}

export interface StoryOptions {
	readonly version: string;
	/** What the approvers of gate 1 and gate 2 say; both approve unless said. */
	readonly votes?: readonly ['Approve' | 'Reject', 'Approve' | 'Reject'];
	/** Runs once the release is watched. */
	readonly whileWatched?: (release: LedgerRelease) => Promise<void>;
	readonly progress?: (message: string) => void;
	readonly timeoutMs?: number;
}

/**
 * A release as the CI and an approver live it: sends the signed webhook, approves both gates as they come up, and waits for
 * the end that the ledger records.
 */
export async function runRelease(world: World, options: StoryOptions): Promise<Story> {
	const progress = options.progress ?? (() => {});
	const timeoutMs = options.timeoutMs ?? 180_000;
	const sent = await waitUntil(
		'n8n takes the webhook',
		async () => {
			// Right after publishing n8n answers 404 for a moment.
			const answer = await sendRelease(world, { version: options.version });
			return answer.status === 404 ? undefined : answer;
		},
		30_000,
	);
	if (sent.status !== 202)
		throw new Error(`the webhook answered ${String(sent.status)}: ${JSON.stringify(sent.body)}`);
	const begun = await waitUntil('the release begins', async () => await findRelease(world, sent.deliveryId), 30_000);
	progress(`release ${begun.id} began`);

	const ended = waitUntil(
		`release ${begun.id} ends`,
		async () => {
			const release = await findRelease(world, sent.deliveryId);
			return release?.finished_at ? release : undefined;
		},
		timeoutMs,
	);
	const follow = async (): Promise<void> => {
		for (const gate of [1, 2] as const) {
			const decision = options.votes?.[gate - 1] ?? 'Approve';
			const vote = { decision, name: `Approver ${String(gate)}`, comment: 'seen' };
			await approve(world, { releaseId: begun.id, gate, vote, timeoutMs });
			progress(`gate ${String(gate)}: ${decision}`);
			if (decision === 'Reject') return;
		}
		if (!options.whileWatched) return;
		const watched = await waitUntil(
			'the release is watched',
			async () => {
				const release = await findRelease(world, sent.deliveryId);
				return release?.state === 'watching' ? release : undefined;
			},
			timeoutMs,
		);
		await options.whileWatched(watched);
	};
	// Whichever fails first is told; the other one fails later, when nobody listens any more.
	ended.catch(() => undefined);
	const following = follow();
	// A release that ends early is never asked about a later gate: then only its end counts.
	await Promise.race([ended, following]);
	following.catch(() => undefined);
	const release = await ended;
	return { release, steps: await readSteps(world, release.id) };
}
