import type { ProductionEndpoints } from '../production.ts';

/** Where the stories act and look: the sandbox from outside, as the CI, an approver and an auditor see it. */
export interface World {
	readonly endpoints: ProductionEndpoints;
	readonly n8n: { readonly url: string };
	readonly webhookSecret: string;
}

/** Polls until `read` gives something. @throws after `timeoutMs`, naming what was awaited. */
export async function waitUntil<T>(
	what: string,
	read: () => Promise<T | undefined>,
	timeoutMs: number,
	intervalMs = 250,
): Promise<T> {
	const deadline = performance.now() + timeoutMs;
	for (;;) {
		const value = await read();
		if (value !== undefined) return value;
		if (performance.now() > deadline)
			throw new Error(`waited ${String(Math.round(timeoutMs / 1000))} s in vain: ${what}`);
		await new Promise((resolve) => setTimeout(resolve, intervalMs));
	}
}
