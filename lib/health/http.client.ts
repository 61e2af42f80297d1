import { readText } from '../support/readText';
import { withTimeout } from '../support/withTimeout';
import type { HttpAnswer, HttpTarget } from './model';

export interface HttpProbeOptions {
	/** For the whole probe: connecting, waiting and reading. Milliseconds. */
	readonly timeoutMs: number;
	readonly followRedirects: boolean;
	/** Added to the target's own; may carry secrets. */
	readonly headers: Readonly<Record<string, string>>;
	readonly signal: AbortSignal;
}

/** A health page is small; more than this is not one, and would fill n8n's memory. */
const MAXIMUM_BODY_BYTES = 1024 * 1024;
const MAXIMUM_REDIRECTS = 5;

/**
 * Asks a target once, over a connection of its own: a kept-alive one would go on reaching the pods of before a switch.
 * @throws the network's error, a TimeoutError after `timeoutMs`, or the signal's reason.
 */
export async function sendHttpProbe(
	target: HttpTarget,
	{ timeoutMs, followRedirects, headers, signal }: HttpProbeOptions,
): Promise<HttpAnswer> {
	const { Agent, interceptors, request } = await import('undici');
	const agent = new Agent({ pipelining: 0, connect: { timeout: timeoutMs } });
	const dispatcher = followRedirects
		? agent.compose(interceptors.redirect({ maxRedirections: MAXIMUM_REDIRECTS }))
		: agent;
	try {
		const response = await request(target.url, {
			dispatcher,
			method: target.method as 'GET',
			headers: {
				'user-agent': 'n8n-nodes-deployment-runbook',
				'cache-control': 'no-cache',
				...target.headers,
				...headers,
			},
			body: target.body ?? null,
			signal: withTimeout(signal, timeoutMs),
		});
		return {
			status: response.statusCode,
			contentType: mediaType(response.headers['content-type']),
			body: await readText(response.body, MAXIMUM_BODY_BYTES),
		};
	} finally {
		await agent.destroy();
	}
}

function mediaType(header: string | string[] | undefined): string {
	const value = Array.isArray(header) ? header[0] : header;
	return (value ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}
