import { z } from 'zod';
import { classifyNetworkFailure } from '../../support/networkFailure';
import { readText } from '../../support/readText';
import { withTimeout } from '../../support/withTimeout';
import type { Monitoring, Notifications, ScrapedTarget, Unasked } from './model';

export interface MonitoringAddresses {
	/** Up to and without `/api`. */
	readonly prometheusUrl: string;
	readonly alertmanagerUrl: string;
	/** For each call, in milliseconds. */
	readonly timeoutMs: number;
}

/** Thousands of targets fit. */
const MAXIMUM_BYTES = 16 * 1024 * 1024;

const targetsAnswer = z.object({
	data: z.object({
		activeTargets: z.array(
			z.object({
				scrapePool: z.string(),
				scrapeUrl: z.string(),
				lastError: z.string(),
				lastScrape: z.string(),
				health: z.enum(['up', 'down', 'unknown']),
				scrapeInterval: z.string(),
			}),
		),
	}),
});
const timeAnswer = z.object({ data: z.object({ result: z.tuple([z.number(), z.string()]) }) });
const alertsAnswer = z.array(
	z.object({
		receivers: z.array(z.object({ name: z.string() })),
		status: z.object({ state: z.enum(['active', 'suppressed', 'unprocessed']) }),
	}),
);
const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
/** Go writes the time of what never was as the year 1. */
const NEVER = /^0001-/;

/** Prometheus' HTTP API v1 and Alertmanager's API v2, over connections of their own; redirects are not followed. */
export async function connectMonitoring({
	prometheusUrl,
	alertmanagerUrl,
	timeoutMs,
}: MonitoringAddresses): Promise<Monitoring> {
	const { Agent, request } = await import('undici');
	const agent = new Agent({ pipelining: 0, connect: { timeout: timeoutMs } });
	const [prometheus, alertmanager] = [prometheusUrl, alertmanagerUrl].map((url) => url.replace(/\/+$/, ''));

	async function ask(url: string, signal: AbortSignal, body?: unknown): Promise<string | Unasked> {
		try {
			const response = await request(url, {
				dispatcher: agent,
				method: body === undefined ? 'GET' : 'POST',
				headers: body === undefined ? {} : { 'content-type': 'application/json' },
				body: body === undefined ? null : JSON.stringify(body),
				signal: withTimeout(signal, timeoutMs),
			});
			const text = await readText(response.body, MAXIMUM_BYTES);
			if (response.statusCode !== 200) return { kind: 'failed', reason: `HTTP ${response.statusCode}` };
			return text ?? { kind: 'gap', reason: 'the answer is larger than 16 MiB' };
		} catch (error) {
			signal.throwIfAborted();
			const { kind, reason } = classifyNetworkFailure(error);
			return { kind, reason };
		}
	}

	async function read<Schema extends z.ZodTypeAny>(
		url: string,
		schema: Schema,
		signal: AbortSignal,
	): Promise<{ readonly data: z.output<Schema> } | Unasked> {
		const text = await ask(url, signal);
		if (typeof text !== 'string') return text;
		const parsed = schema.safeParse(parseJson(text));
		return parsed.success
			? { data: parsed.data as z.output<Schema> }
			: { kind: 'gap', reason: 'the answer is not that of its API' };
	}

	return {
		listTargets: async (signal) => {
			const time = await read(`${prometheus}/api/v1/query?query=time()`, timeAnswer, signal);
			if ('kind' in time) return time;
			const targets = await read(`${prometheus}/api/v1/targets?state=active`, targetsAnswer, signal);
			if ('kind' in targets) return targets;
			const nowMs = Number(time.data.data.result[1]) * 1000;
			return targets.data.data.activeTargets.map(
				({ scrapePool, scrapeUrl, lastError, lastScrape, health, scrapeInterval }): ScrapedTarget => ({
					name: `${scrapePool} ${publicUrl(scrapeUrl)}`,
					health,
					error: lastError.slice(0, 200),
					ageMs: NEVER.test(lastScrape) ? null : Math.max(0, nowMs - Date.parse(lastScrape)),
					intervalMs: toMilliseconds(scrapeInterval),
				}),
			);
		},
		sendAlert: async (alert, signal) => {
			const annotations = { summary: 'Nothing is wrong: a release checks that alerts arrive' };
			const taken = await ask(`${alertmanager}/api/v2/alerts`, signal, [{ ...alert, annotations }]);
			return typeof taken === 'string' ? undefined : taken;
		},
		findAlert: async (run, signal) => {
			const filter = encodeURIComponent(`run="${run}"`);
			const found = await read(`${alertmanager}/api/v2/alerts?filter=${filter}`, alertsAnswer, signal);
			if ('kind' in found) return found;
			const [alert] = found.data;
			return alert && { state: alert.status.state, receivers: alert.receivers.map(({ name }) => name) };
		},
		readNotifications: async (signal) => {
			const text = await ask(`${alertmanager}/metrics`, signal);
			return typeof text === 'string' ? countNotifications(text) : text;
		},
		close: async () => await agent.destroy(),
	};
}

/** Of requests, not of notifications: those count what was tried. */
const COUNTER = /^alertmanager_notification_requests_(total|failed_total)\{[^}]*\} (\S+)$/gm;

/** Sums over the integrations. The page is Alertmanager's own, whose counters have plain labels. */
function countNotifications(page: string): Notifications {
	let [all, failed] = [0, 0];
	for (const [, name, value] of page.matchAll(COUNTER)) {
		if (name === 'total') all += Number(value);
		else failed += Number(value);
	}
	return { sent: all - failed, failed };
}

/** As Prometheus writes durations, e.g. `1m30s`. */
function toMilliseconds(duration: string): number {
	return [...duration.matchAll(/(\d+)(ms|s|m|h)/g)].reduce(
		(sum, [, count, unit]) => sum + Number(count) * (UNITS[unit ?? ''] ?? 0),
		0,
	);
}

/** Query and user may be secrets. */
function publicUrl(text: string): string {
	const url = URL.parse(text);
	return url ? `${url.origin}${url.pathname}` : '';
}

function parseJson(text: string): unknown {
	try {
		return JSON.parse(text) as unknown;
	} catch {
		return undefined;
	}
}
