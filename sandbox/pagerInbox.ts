import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { findAlertErrors, findChangeErrors, isObject } from './findEventErrors.ts';
import { listenOnLoopback } from './listenOnLoopback.ts';

/** One event that the inbox accepted. */
export interface ReceivedEvent {
	readonly receivedAt: string;
	readonly kind: 'alert' | 'change';
	/** Absent for a change event. */
	readonly action?: 'trigger' | 'acknowledge' | 'resolve';
	/** Absent for a change event without one. */
	readonly dedupKey?: string;
	readonly event: Readonly<Record<string, unknown>>;
}

export interface PagerInboxHandle {
	readonly url: string;
	/** Where the Events API takes events: `<url>/v2/enqueue`. */
	readonly enqueueUrl: string;
	/** GET lists what came in, DELETE forgets it. */
	readonly inboxUrl: string;
	/** The only routing key that is accepted. */
	readonly routingKey: string;
	events(): readonly ReceivedEvent[];
	/** Answers the next `times` events with this HTTP status instead of taking them. */
	failNext(status: number, times?: number): void;
	stop(): Promise<void>;
}

type Json = Record<string, unknown>;

const maximumBodyBytes = 512 * 1024;

/**
 * Starts a server that behaves like PagerDuty's Events API v2: POST /v2/enqueue and /v2/change/enqueue. GET and DELETE
 * /events show and clear the inbox; POST /fail {status, times} scripts failures.
 */
export async function startPagerInbox(): Promise<PagerInboxHandle> {
	const routingKey = randomUUID().replaceAll('-', '');
	const received: ReceivedEvent[] = [];
	const failures: number[] = [];

	function failNext(status: number, times = 1): void {
		for (let count = 0; count < times; count++) failures.push(status);
	}

	async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const route = `${request.method} ${new URL(request.url ?? '/', 'http://pager').pathname}`;
		if (route === 'GET /events') {
			sendJson(response, 200, received);
			return;
		}
		if (route === 'DELETE /events') {
			received.length = 0;
			sendJson(response, 200, { status: 'success' });
			return;
		}
		const body = parseObject(await readBody(request));
		if (route === 'POST /fail') {
			failNext(Number(body?.['status'] ?? 500), Number(body?.['times'] ?? 1));
			sendJson(response, 200, { status: 'success', pending: failures.length });
			return;
		}
		if (route !== 'POST /v2/enqueue' && route !== 'POST /v2/change/enqueue') {
			sendJson(response, 404, { status: 'not found' });
			return;
		}
		const status = failures.shift();
		if (status !== undefined) {
			sendJson(response, status, {
				status: status === 429 ? 'throttle exceeded' : 'error',
				message: 'scripted failure',
			});
			return;
		}
		const isChange = route === 'POST /v2/change/enqueue';
		const errors = isChange ? findChangeErrors(body, routingKey) : findAlertErrors(body, routingKey);
		if (!body || errors.length > 0) {
			sendJson(response, 400, { status: 'invalid event', message: 'Event object is invalid', errors });
			return;
		}
		received.push(isChange ? toChange(body) : toAlert(body));
		const dedupKey = received.at(-1)?.dedupKey;
		sendJson(response, 202, {
			status: 'success',
			message: isChange ? 'Change event processed' : 'Event processed',
			...(dedupKey ? { dedup_key: dedupKey } : {}),
		});
	}

	const server = createServer((request, response) => {
		answer(request, response).catch(() =>
			sendJson(response, 400, { status: 'invalid event', message: 'The body could not be read' }),
		);
	});
	const listening = await listenOnLoopback(server);
	const url = `http://127.0.0.1:${listening.port}`;
	return {
		url,
		enqueueUrl: `${url}/v2/enqueue`,
		inboxUrl: `${url}/events`,
		routingKey,
		events: () => [...received],
		failNext,
		stop: () => listening.close(),
	};
}

function toAlert(body: Json): ReceivedEvent {
	const dedupKey = typeof body['dedup_key'] === 'string' ? body['dedup_key'] : randomUUID().replaceAll('-', '');
	return {
		receivedAt: new Date().toISOString(),
		kind: 'alert',
		action: body['event_action'] as 'trigger',
		dedupKey,
		event: withoutKey(body),
	};
}

function toChange(body: Json): ReceivedEvent {
	return { receivedAt: new Date().toISOString(), kind: 'change', event: withoutKey(body) };
}

/** The inbox is read by people and printed by tests: the routing key, a secret, is not kept. */
function withoutKey({ routing_key: _, ...rest }: Json): Json {
	return rest;
}

async function readBody(request: IncomingMessage): Promise<string> {
	const chunks: Buffer[] = [];
	let size = 0;
	for await (const chunk of request as AsyncIterable<Buffer>) {
		size += chunk.length;
		if (size > maximumBodyBytes) throw new Error('the body is larger than 512 KiB');
		chunks.push(chunk);
	}
	return Buffer.concat(chunks).toString('utf8');
}

function parseObject(text: string): Json | undefined {
	try {
		const value: unknown = JSON.parse(text);
		return isObject(value) ? value : undefined;
	} catch {
		return undefined;
	}
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
	response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
}
