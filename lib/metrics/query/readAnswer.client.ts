import { classifyNetworkFailure } from '../../support/networkFailure';
import { readText } from '../../support/readText';
import { withTimeout } from '../../support/withTimeout';
import type { Measurement } from './model';

export interface HttpQuestion {
	readonly url: string;
	/** May carry secrets. */
	readonly headers: Readonly<Record<string, string>>;
	/** Sent as a form; absent: a GET. */
	readonly form?: Readonly<Record<string, string>>;
	readonly timeoutMs: number;
}

/** One number is asked for; more than this is not its answer, and would fill n8n's memory. */
const MAXIMUM_ANSWER_BYTES = 1024 * 1024;

/** What came back, or why nothing did. `json` is undefined when the body was no JSON. */
export type HttpReply = { readonly status: number; readonly json: unknown } | { readonly failure: Measurement };

/** Asks once. Redirects are not followed: they could carry a credential elsewhere. @throws only the signal's reason */
export async function readAnswer(
	{ url, headers, form, timeoutMs }: HttpQuestion,
	signal: AbortSignal,
): Promise<HttpReply> {
	const { Agent, request } = await import('undici');
	const agent = new Agent({ pipelining: 0, connect: { timeout: timeoutMs } });
	try {
		const { statusCode, body } = await request(url, {
			dispatcher: agent,
			method: form ? 'POST' : 'GET',
			headers: {
				accept: 'application/json',
				...(form ? { 'content-type': 'application/x-www-form-urlencoded' } : {}),
				...headers,
			},
			body: form ? new URLSearchParams(form).toString() : null,
			signal: withTimeout(signal, timeoutMs),
		});
		const text = await readText(body, MAXIMUM_ANSWER_BYTES);
		if (text === undefined) return { failure: { kind: 'error', reason: 'the answer is larger than 1 MiB' } };
		return { status: statusCode, json: parse(text) };
	} catch (error) {
		signal.throwIfAborted();
		return { failure: { kind: 'error', reason: classifyNetworkFailure(error).reason } };
	} finally {
		await agent.destroy();
	}
}

function parse(text: string): unknown {
	try {
		return JSON.parse(text) as unknown;
	} catch {
		return undefined;
	}
}
