import { waitUntil } from './world.ts';
import type { World } from './world.ts';

export interface Page {
	readonly receivedAt: string;
	readonly action?: string;
	readonly dedupKey?: string;
	readonly event: {
		readonly links?: ReadonlyArray<{ readonly href: string }>;
		readonly payload?: { readonly summary?: string; readonly severity?: string };
	};
}

/** Waits for a page by its dedup key: it is sent a moment after what it tells of. */
export async function awaitPage(world: World, dedupKey: string): Promise<Page> {
	return await waitUntil(
		`the page ${dedupKey}`,
		async () => (await readPages(world)).find((page) => page.dedupKey === dedupKey),
		15_000,
	);
}

/** What the pager got so far. */
export async function readPages({ endpoints }: World): Promise<Page[]> {
	return (await (await fetch(endpoints.pager.inboxUrl)).json()) as Page[];
}
