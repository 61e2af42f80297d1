import { findRelease } from './ledgerView.ts';
import type { LedgerRelease } from './ledgerView.ts';
import { sendRelease } from './sendRelease.ts';
import type { ReleaseOrder } from './sendRelease.ts';
import { waitUntil } from './world.ts';
import type { World } from './world.ts';

/** Sends the CI's webhook and waits until the release is in the ledger. */
export async function beginRelease(world: World, order: ReleaseOrder): Promise<LedgerRelease> {
	const sent = await waitUntil(
		'n8n takes the webhook',
		async () => {
			// Right after publishing n8n answers 404 for a moment.
			const answer = await sendRelease(world, order);
			return answer.status === 404 ? undefined : answer;
		},
		30_000,
	);
	if (sent.status !== 202)
		throw new Error(`the webhook answered ${String(sent.status)}: ${JSON.stringify(sent.body)}`);
	return await waitUntil('the release begins', async () => await findRelease(world, sent.deliveryId), 30_000);
}

/** Waits until a release has ended. */
export async function awaitEnd(
	world: World,
	{ delivery_id: deliveryId, id }: LedgerRelease,
	timeoutMs: number,
): Promise<LedgerRelease> {
	return await waitUntil(
		`release ${id} ends`,
		async () => {
			const release = await findRelease(world, deliveryId);
			return release?.finished_at ? release : undefined;
		},
		timeoutMs,
		// It takes minutes, and each look is a new session on the processors that the release runs on.
		1000,
	);
}
