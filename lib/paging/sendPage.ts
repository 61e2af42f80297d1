import type { Clock } from '../support/clock';
import { classifyNetworkFailure } from '../support/networkFailure';
import { redact } from '../support/redact';
import { withTimeout } from '../support/withTimeout';
import { buildEvent, type PagerEvent } from './buildEvent';
import { pagingErrors } from './errors';
import type { AcceptedPage, Page, PagerConnection } from './model';
import { postEvent, type PagerAnswer } from './pagerDuty.client';
import { isRetryableStatus, retryDelayMs } from './retryDelay';

export interface SendPageOptions {
	/** No attempt starts, and no pause ends, later than this. Milliseconds. */
	readonly deadlineMs: number;
	readonly clock: Clock;
	readonly signal: AbortSignal;
}

/** One attempt may not eat the whole deadline: a pager that hangs is asked again. */
const ATTEMPT_TIMEOUT_MS = 10_000;

/**
 * Sends an event until the pager accepts it, refuses it, or the deadline passes. Sending again is harmless: events of one
 * dedup key are merged.
 * @throws RunbookError PAGING.REFUSED, PAGING.NOT_ACCEPTED, PAGING.EVENT_TOO_LARGE; the signal's reason
 */
export async function sendPage(
	connection: PagerConnection,
	page: Page,
	options: SendPageOptions,
): Promise<AcceptedPage> {
	const { deadlineMs, clock, signal } = options;
	const event = buildEvent(page, clock.now());
	const startedMs = clock.monotonicMs();
	for (let attempt = 1; ; attempt++) {
		const timeoutMs = Math.max(1, Math.min(ATTEMPT_TIMEOUT_MS, deadlineMs - (clock.monotonicMs() - startedMs)));
		const { answer, problem } = await attemptOnce(connection, event, { timeoutMs, signal });
		if (answer && isAccepted(answer))
			return { status: 'accepted', dedupKey: dedupKeyOf(answer, event), confirmed: false, attempts: attempt };
		if (answer && !isRetryableStatus(answer.status)) throw pagingErrors.REFUSED({ status: answer.status, problem });
		const delayMs = retryDelayMs(attempt, { retryAfter: answer?.retryAfter ?? '', now: clock.now() });
		if (clock.monotonicMs() - startedMs + delayMs >= deadlineMs) {
			throw pagingErrors.NOT_ACCEPTED({ attempts: attempt, seconds: Math.round(deadlineMs / 1000), problem });
		}
		await clock.sleep(delayMs, signal);
	}
}

function isAccepted({ status }: PagerAnswer): boolean {
	return status >= 200 && status < 300;
}

async function attemptOnce(
	connection: PagerConnection,
	event: PagerEvent,
	{ timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal },
): Promise<{ readonly answer?: PagerAnswer; readonly problem: string }> {
	try {
		const answer = await postEvent(connection, event, withTimeout(signal, timeoutMs));
		const said = [answer.message, ...answer.errors].filter((text) => text !== '').join('; ');
		return { answer, problem: redact(said === '' ? `HTTP ${answer.status}` : said, [connection.routingKey]) };
	} catch (error) {
		signal.throwIfAborted();
		return { problem: classifyNetworkFailure(error).reason };
	}
}

function dedupKeyOf({ dedupKey }: PagerAnswer, { body }: PagerEvent): string {
	return dedupKey !== '' ? dedupKey : typeof body.dedup_key === 'string' ? body.dedup_key : '';
}
