import { readPages } from './pages.ts';
import { waitUntil } from './world.ts';
import type { World } from './world.ts';

export interface Vote {
	readonly decision: 'Approve' | 'Reject';
	readonly name: string;
	readonly comment?: string;
}

/** Waits for the page that asks for a gate's approval, opens its form as an approver would, and answers it. */
export async function approve(
	world: World,
	{ releaseId, gate, vote, timeoutMs }: { releaseId: string; gate: 1 | 2; vote: Vote; timeoutMs: number },
): Promise<void> {
	const link = await waitUntil(
		`the page that asks for gate ${String(gate)} of ${releaseId}`,
		async () =>
			(await readPages(world)).find(({ dedupKey }) => dedupKey === `${releaseId}/gate-${String(gate)}`)?.event
				.links?.[0]?.href,
		timeoutMs,
	);
	// The page is sent just before the execution is put to wait; until then n8n does not know the form.
	await waitUntil(`the form of gate ${String(gate)}`, async () => ((await isForm(link)) ? true : undefined), 30_000);
	const form = new FormData();
	form.append('field-0', vote.decision);
	form.append('field-1', vote.name);
	form.append('field-2', vote.comment ?? '');
	const response = await fetch(link, { method: 'POST', body: form, signal: AbortSignal.timeout(30_000) });
	if (!response.ok) throw new Error(`the form of gate ${String(gate)} answered ${String(response.status)}`);
}

async function isForm(link: string): Promise<boolean> {
	try {
		const response = await fetch(link, { signal: AbortSignal.timeout(2000) });
		return response.ok && (await response.text()).includes('field-0');
	} catch {
		// Asked in the moment between the page and the wait, n8n may leave the request unanswered; a person would reload.
		return false;
	}
}
