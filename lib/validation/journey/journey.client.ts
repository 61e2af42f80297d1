import { readBytes } from '../../support/readBytes';
import { withTimeout } from '../../support/withTimeout';
import type { JourneyAnswer, UploadedFile } from './model';

/** A step's request with all values filled in; it may hold secrets. */
export interface JourneyRequest {
	readonly url: string;
	readonly method: string;
	readonly headers: Readonly<Record<string, string>>;
	/** Absent: no body. */
	readonly body?: string | FilledFile;
}

/** A form's file with its bytes. */
export interface FilledFile extends UploadedFile {
	readonly bytes: Buffer;
}

/** What a journey downloads is what it uploaded; more than this is not it, and would fill n8n's memory. */
const MAXIMUM_BODY_BYTES = 10 * 1024 * 1024;

/**
 * Sends one request over a connection of its own: a kept-alive one would go on reaching the pods of before a switch. Redirects are
 * never followed: they could carry a token elsewhere. @throws the network's error, a TimeoutError after `timeoutMs`, or the signal's reason
 */
export async function sendRequest(
	{ url, method, headers, body }: JourneyRequest,
	{ timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal },
): Promise<JourneyAnswer> {
	const { Agent, FormData, request } = await import('undici');
	const agent = new Agent({ pipelining: 0, connect: { timeout: timeoutMs } });
	try {
		const response = await request(url, {
			dispatcher: agent,
			method: method as 'GET',
			headers: { 'user-agent': 'n8n-nodes-deployment-runbook', 'cache-control': 'no-cache', ...headers },
			body: body === undefined || typeof body === 'string' ? (body ?? null) : toForm(new FormData(), body),
			signal: withTimeout(signal, timeoutMs),
		});
		return { status: response.statusCode, bytes: await readBytes(response.body, MAXIMUM_BODY_BYTES) };
	} finally {
		await agent.destroy();
	}
}

function toForm<Form extends { append(name: string, value: Blob, fileName: string): void }>(
	form: Form,
	{ field, name, contentType, bytes }: FilledFile,
): Form {
	form.append(field, new Blob([new Uint8Array(bytes)], { type: contentType }), name);
	return form;
}
