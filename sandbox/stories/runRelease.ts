import { approve } from './approve.ts';
import { awaitEnd, beginRelease } from './beginRelease.ts';
import { interrupt } from './interrupt.ts';
import type { Interruption } from './interrupt.ts';
import { findRelease, readSteps } from './ledgerView.ts';
import type { LedgerRelease, LedgerStep } from './ledgerView.ts';
import { waitUntil } from './world.ts';
import type { World } from './world.ts';

export interface Story {
	readonly release: LedgerRelease;
	readonly steps: readonly LedgerStep[];
}

export interface StoryOptions {
	readonly version: string;
	/** Kills n8n in the middle, and resumes the release. */
	readonly interruption?: Interruption;
	/** Gets the link of each approval before it is used. */
	readonly onLink?: (gate: 1 | 2 | 3, link: string) => Promise<void>;
	/** Runs once the release is watched. */
	readonly whileWatched?: (release: LedgerRelease) => Promise<void>;
	readonly progress?: (message: string) => void;
	readonly timeoutMs?: number;
}

/** Of the shipped configuration: gate 1 wants one of them, gate 2 two. */
const APPROVERS = ['on-call@yourdomain.com', 'devops-lead@yourdomain.com'];

/**
 * A release as the CI and an approver live it: sends the signed webhook, approves both gates as they come up, and waits for
 * the end that the ledger records.
 */
export async function runRelease(world: World, options: StoryOptions): Promise<Story> {
	const progress = options.progress ?? (() => {});
	const timeoutMs = options.timeoutMs ?? 180_000;
	const begun = await beginRelease(world, { version: options.version });
	progress(`release ${begun.id} began`);

	const ended = awaitEnd(world, begun, timeoutMs);
	const follow = async (): Promise<void> => {
		for (const gate of [1, 2] as const) {
			for (const approver of APPROVERS.slice(0, gate)) {
				const vote = { decision: 'approve', approver } as const;
				await approve(world, { releaseId: begun.id, gate, vote, timeoutMs, onLink: options.onLink });
				progress(`gate ${String(gate)}: ${approver} approves`);
			}
		}
		if (!options.whileWatched) return;
		const watched = await waitUntil(
			'the release is watched',
			async () => {
				const release = await findRelease(world, begun.delivery_id);
				return release?.state === 'watching' ? release : undefined;
			},
			timeoutMs,
		);
		await options.whileWatched(watched);
	};
	// Whichever fails first is told; the other one fails later, when nobody listens any more.
	ended.catch(() => undefined);
	const following = Promise.all([
		follow(),
		options.interruption && interrupt(world, begun.id, { ...options.interruption, progress, timeoutMs }),
	]);
	// A release that ends early is never asked about a later gate: then only its end counts.
	await Promise.race([ended, following]);
	following.catch(() => undefined);
	const release = await ended;
	return { release, steps: await readSteps(world, release.id) };
}
