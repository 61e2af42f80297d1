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

/** What the pager got so far. */
export async function readPages({ endpoints }: World): Promise<Page[]> {
	return (await (await fetch(endpoints.pager.inboxUrl)).json()) as Page[];
}
