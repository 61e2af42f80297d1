import { setTimeout as delay } from 'node:timers/promises';
import { request } from 'node:https';
import type { ApiAddress } from '../kubelet/connectToApi.ts';

/** Waits until the API server answers /readyz with 200: listening comes long before its first roles and namespaces are there. @throws after the time */
export async function waitUntilReady(address: ApiAddress, timeoutMs: number): Promise<void> {
	const deadline = performance.now() + timeoutMs;
	for (;;) {
		const state = await readState(address).catch((error: unknown) => String(error));
		if (state === 'ok') return;
		if (performance.now() > deadline)
			throw new Error(`the API server was not ready after ${timeoutMs} ms; it says:\n${state}`);
		await delay(100);
	}
}

async function readState({ url, ca, token }: ApiAddress): Promise<string> {
	return await new Promise((resolve, reject) => {
		const headers = { authorization: `Bearer ${token}` };
		const call = request(`${url}/readyz`, { ca, headers, agent: false, timeout: 2_000 }, (answer) => {
			let text = '';
			answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
			answer.on('end', () => resolve(text));
		});
		call.on('timeout', () => call.destroy(new Error('no answer within 2 s')));
		call.on('error', reject);
		call.end();
	});
}
