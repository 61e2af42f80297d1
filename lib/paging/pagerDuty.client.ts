import { readText } from '../support/readText';
import type { PagerEvent } from './buildEvent';
import type { PagerConnection } from './model';

/** What the Events API answered. */
export interface PagerAnswer {
	readonly status: number;
	/** Its own words, without our event; empty when it said none. */
	readonly message: string;
	readonly errors: readonly string[];
	/** Empty when it named none. */
	readonly dedupKey: string;
	/** As sent: seconds or a date; empty when absent. */
	readonly retryAfter: string;
}

const MAXIMUM_ANSWER_BYTES = 64 * 1024;

/** Posts one event once. Redirects are not followed: they would carry the routing key elsewhere. @throws the network's error, the signal's reason */
export async function postEvent(
	connection: PagerConnection,
	event: PagerEvent,
	signal: AbortSignal,
): Promise<PagerAnswer> {
	const { Agent, request } = await import('undici');
	const agent = new Agent({ pipelining: 0 });
	try {
		const response = await request(`${connection.baseUrl.replace(/\/+$/, '')}${event.path}`, {
			dispatcher: agent,
			method: 'POST',
			headers: { 'content-type': 'application/json', accept: 'application/json' },
			body: JSON.stringify({ routing_key: connection.routingKey, ...event.body }),
			signal,
		});
		const body = parseObject(await readText(response.body, MAXIMUM_ANSWER_BYTES));
		const { errors } = body;
		return {
			status: response.statusCode,
			message: asText(body.message),
			errors: Array.isArray(errors) ? errors.filter((error): error is string => typeof error === 'string') : [],
			dedupKey: asText(body.dedup_key),
			retryAfter: asText(response.headers['retry-after']),
		};
	} finally {
		await agent.destroy();
	}
}

function parseObject(text: string | undefined): Record<string, unknown> {
	try {
		const value: unknown = JSON.parse(text ?? '');
		return value !== null && typeof value === 'object' ? (value as Record<string, unknown>) : {};
	} catch {
		return {};
	}
}

function asText(value: unknown): string {
	return typeof value === 'string' ? value : '';
}
