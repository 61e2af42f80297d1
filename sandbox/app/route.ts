import type { IncomingMessage } from 'node:http';

/** What a route answers with. A string or bytes are sent as they are, anything else as JSON. */
export interface Answer {
	readonly status: number;
	readonly body?: unknown;
	readonly headers?: Readonly<Record<string, string>>;
}

export interface RouteRequest {
	readonly message: IncomingMessage;
	readonly url: URL;
	/** The groups that `path` matched. */
	readonly parameters: Readonly<Record<string, string>>;
}

/** One route. `label` is its name in the metrics, free of ids so that the number of series stays small. */
export interface Route {
	readonly method: string;
	readonly path: RegExp;
	readonly label: string;
	answer(request: RouteRequest): Promise<Answer>;
}

/** An answer other than 2xx, thrown from inside a route. */
export class RefusedRequest extends Error {
	readonly status: number;

	constructor(status: number, message: string) {
		super(message);
		this.status = status;
	}
}

const maximumBodyBytes = 10 * 1024 * 1024;

/** Reads the whole body. @throws RefusedRequest 413 above 10 MiB. */
export async function readBody(message: IncomingMessage): Promise<Buffer> {
	const chunks: Buffer[] = [];
	let size = 0;
	for await (const chunk of message as AsyncIterable<Buffer>) {
		size += chunk.length;
		if (size > maximumBodyBytes) throw new RefusedRequest(413, 'the body is larger than 10 MiB');
		chunks.push(chunk);
	}
	return Buffer.concat(chunks);
}

/** Reads a JSON object. @throws RefusedRequest 400 when the body is none. */
export async function readJson(message: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
	const text = (await readBody(message)).toString('utf8');
	try {
		const value: unknown = JSON.parse(text);
		if (typeof value === 'object' && value !== null && !Array.isArray(value))
			return value as Record<string, unknown>;
	} catch {
		// answered below
	}
	throw new RefusedRequest(400, 'the body must be a JSON object');
}
