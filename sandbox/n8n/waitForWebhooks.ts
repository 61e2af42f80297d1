import { setTimeout as delay } from 'node:timers/promises';

const pollMs = 50;
const timeoutMs = 60_000;

/**
 * Waits until n8n is healthy and knows every path: it says that it is healthy, and that a workflow is published, before its
 * webhooks answer. Asks for the methods of a path, which starts nothing. @throws after 60 s, naming the paths that are missing.
 */
export async function waitForWebhooks(url: string, paths: readonly string[]): Promise<void> {
	const deadline = performance.now() + timeoutMs;
	let missing = paths;
	for (;;) {
		if (await isHealthy(url)) {
			const known = await Promise.all(missing.map((path) => isKnown(url, path)));
			missing = missing.filter((_, index) => !known[index]);
			if (missing.length === 0) return;
		}
		if (performance.now() > deadline)
			throw new Error(`n8n does not answer on ${missing.join(', ') || '/healthz'} after ${timeoutMs} ms`);
		await delay(pollMs);
	}
}

async function isHealthy(url: string): Promise<boolean> {
	const answer = await ask(`${url}/healthz/readiness`, { method: 'GET' });
	return answer?.ok ?? false;
}

async function isKnown(url: string, path: string): Promise<boolean> {
	const answer = await ask(`${url}/webhook/${path}`, { method: 'OPTIONS', headers: { origin: url } });
	const methods = answer?.headers.get('access-control-allow-methods') ?? '';
	return methods.split(', ').some((method) => method !== '' && method !== 'OPTIONS');
}

async function ask(url: string, init: RequestInit): Promise<Response | undefined> {
	try {
		const response = await fetch(url, { ...init, signal: AbortSignal.timeout(5_000) });
		await response.arrayBuffer();
		return response;
	} catch {
		return undefined;
	}
}
