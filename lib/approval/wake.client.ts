import { readText } from '../support/readText';
import { withTimeout } from '../support/withTimeout';

const TIMEOUT_MS = 10_000;
const MAXIMUM_ANSWER_BYTES = 64 * 1024;

/** Posts a wake token to where an execution waits. Redirects are not followed. The status; @throws the network's error, the signal's reason */
export async function postWake(url: string, token: string, signal: AbortSignal): Promise<number> {
	const { Agent, request } = await import('undici');
	const agent = new Agent({ pipelining: 0 });
	try {
		const response = await request(url, {
			dispatcher: agent,
			method: 'POST',
			headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
			body: new URLSearchParams({ wake: token }).toString(),
			signal: withTimeout(signal, TIMEOUT_MS),
		});
		await readText(response.body, MAXIMUM_ANSWER_BYTES);
		return response.statusCode;
	} finally {
		await agent.destroy();
	}
}
