import { pagingErrors } from './errors';
import type { Page } from './model';

/** The pager's limits (Events API v2). Characters, characters, bytes of the whole event. */
const SUMMARY_LIMIT = 1024;
const DEDUP_KEY_LIMIT = 255;
const EVENT_LIMIT_BYTES = 512 * 1024;

/** An event without its routing key, and the path that takes it. */
export interface PagerEvent {
	readonly path: '/v2/enqueue' | '/v2/change/enqueue';
	readonly body: Readonly<Record<string, unknown>>;
}

/** What is sent for a page: texts cut to the pager's limits. @throws RunbookError PAGING.EVENT_TOO_LARGE */
export function buildEvent(page: Page, sentAt: Date): PagerEvent {
	const event = page.action === 'change' ? buildChange(page, sentAt) : buildAlert(page, sentAt);
	const bytes = Buffer.byteLength(JSON.stringify(event.body));
	if (bytes > EVENT_LIMIT_BYTES) throw pagingErrors.EVENT_TOO_LARGE({ bytes, limit: EVENT_LIMIT_BYTES });
	return event;
}

function buildAlert(page: Page, sentAt: Date): PagerEvent {
	const identity = { event_action: page.action, dedup_key: cut(page.dedupKey, DEDUP_KEY_LIMIT) };
	if (page.action !== 'trigger') return { path: '/v2/enqueue', body: identity };
	const { source, severity, customDetails } = page;
	const payload = {
		summary: cut(page.summary, SUMMARY_LIMIT),
		source,
		severity,
		timestamp: sentAt.toISOString(),
		custom_details: customDetails,
	};
	return { path: '/v2/enqueue', body: { ...identity, payload, links: page.links, client: 'n8n deployment runbook' } };
}

function buildChange({ summary, source, customDetails, links }: Page, sentAt: Date): PagerEvent {
	const payload = {
		summary: cut(summary, SUMMARY_LIMIT),
		source,
		timestamp: sentAt.toISOString(),
		custom_details: customDetails,
	};
	return { path: '/v2/change/enqueue', body: { payload, links } };
}

/** Cut by characters, never through the middle of one. */
function cut(text: string, limit: number): string {
	if (text.length <= limit) return text;
	const kept = text.slice(0, limit - 1);
	return `${/[\uD800-\uDBFF]$/.test(kept) ? kept.slice(0, -1) : kept}…`;
}
