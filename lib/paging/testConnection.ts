import { classifyNetworkFailure } from '../support/networkFailure';
import { redact } from '../support/redact';
import type { PagerConnection } from './model';
import { postEvent, type PagerAnswer } from './pagerDuty.client';

/** An action that the Events API does not have: the event is refused before anybody is paged. */
const IMPOSSIBLE_ACTION = 'credential-test';
const TIMEOUT_MS = 10_000;

export interface ConnectionTest {
	readonly ok: boolean;
	/** For people; holds no secret. */
	readonly message: string;
}

/**
 * Tells whether the pager would take events, without paging: it posts an event with an action that does not exist and expects
 * 400 "invalid event" that complains of the action only. A complaint about the routing key, or any other status, is a failure.
 */
export async function testConnection(connection: PagerConnection): Promise<ConnectionTest> {
	if (connection.routingKey === '') return { ok: false, message: 'The routing key is empty' };
	try {
		const event = {
			path: '/v2/enqueue',
			body: { event_action: IMPOSSIBLE_ACTION, dedup_key: IMPOSSIBLE_ACTION },
		} as const;
		return assessAnswer(await postEvent(connection, event, AbortSignal.timeout(TIMEOUT_MS)), connection.routingKey);
	} catch (error) {
		return { ok: false, message: `The pager could not be reached: ${classifyNetworkFailure(error).reason}` };
	}
}

function assessAnswer({ status, message, errors }: PagerAnswer, routingKey: string): ConnectionTest {
	const said = redact([message, ...errors].filter((text) => text !== '').join('; '), [routingKey]);
	if (status !== 400)
		return { ok: false, message: `Not the Events API: it answered HTTP ${status} where 400 was expected` };
	const keyRefused =
		errors.some((error) => /routing_key|routing key|service_key/i.test(error)) ||
		/routing_key|routing key/i.test(message);
	if (keyRefused) return { ok: false, message: `The routing key is refused: ${said}` };
	if (!errors.some((error) => /event_action/.test(error)))
		return { ok: false, message: `Not the Events API, or the key is refused: ${said === '' ? 'HTTP 400' : said}` };
	return { ok: true, message: 'The pager answers and takes the routing key; nobody was paged' };
}
