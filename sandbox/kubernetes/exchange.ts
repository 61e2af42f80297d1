import type { IncomingMessage, ServerResponse } from 'node:http';
import { ApiError, badRequest } from './apiError.ts';
import { patchTypes } from './applyPatch.ts';
import type { ObjectStore } from './objectStore.ts';

/** One request being answered: what came, where the answer goes, and the store it is about. */
export interface Exchange {
	readonly store: ObjectStore;
	readonly request: IncomingMessage;
	readonly response: ServerResponse;
	readonly url: URL;
}

/** Bodies above this are refused with 413, as by the API server. */
const maxBodyBytes = 3 * 1024 * 1024;

/** Reads the whole body as text. Throws ApiError 413. */
export async function readBody(request: IncomingMessage): Promise<string> {
	const chunks: Buffer[] = [];
	let size = 0;
	for await (const chunk of request) {
		size += (chunk as Buffer).length;
		if (size > maxBodyBytes) {
			throw new ApiError(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${maxBodyBytes}`);
		}
		chunks.push(chunk as Buffer);
	}
	return Buffer.concat(chunks).toString('utf8');
}

/** Reads a JSON body; an empty one is `undefined`. Throws ApiError 400, 413, 415. */
export async function readJson(request: IncomingMessage): Promise<unknown> {
	const text = await readBody(request);
	if (text === '') return undefined;
	const mediaType = mediaTypeOf(request);
	if (mediaType !== '' && mediaType !== 'application/json') {
		const isPatch = (patchTypes as readonly string[]).includes(mediaType);
		throw new ApiError(
			415,
			'UnsupportedMediaType',
			`the body of the request was in an unknown format${isPatch ? ' for this method' : ''} - accepted media types include: \
application/json`,
			{},
		);
	}
	try {
		return JSON.parse(text);
	} catch {
		throw badRequest("couldn't get version/kind; json parse error: the body is not JSON");
	}
}

/** The media type of the body, lower case and without parameters; empty when none was sent. */
export function mediaTypeOf(request: IncomingMessage): string {
	return (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
}

/** Answers with JSON, or does nothing when the answer has begun already. */
export function sendJson(response: ServerResponse, code: number, body: unknown): void {
	if (response.headersSent) return;
	const text = `${JSON.stringify(body)}\n`;
	response.writeHead(code, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
	response.end(text);
}

/** Answers with a Status of the error's own code; anything that is no ApiError is a 500. */
export function sendError(response: ServerResponse, error: unknown): void {
	const refusal =
		error instanceof ApiError
			? error
			: new ApiError(
					500,
					'InternalError',
					`Internal error occurred: ${error instanceof Error ? error.message : 'unknown'}`,
				);
	if (response.headersSent) response.destroy();
	else sendJson(response, refusal.status.code ?? 500, refusal.status);
}
