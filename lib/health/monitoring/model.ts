import type { Verdict } from '../../support/verdict';

/**
 * Glossary. A *target* is what Prometheus scrapes. It is *fresh* when its last scrape is not older than two of its intervals. A *synthetic
 * alert* is one that nothing is wrong about: it is sent to see whether it arrives.
 */
export interface ScrapedTarget {
	readonly name: string;
	readonly health: 'up' | 'down' | 'unknown';
	/** Why it is down; empty otherwise. */
	readonly error: string;
	/** Time since its last scrape, by Prometheus' own clock, in milliseconds; null when it was never scraped. */
	readonly ageMs: number | null;
	readonly intervalMs: number;
}

/** What Alertmanager says of an alert. */
export interface SeenAlert {
	readonly state: 'active' | 'suppressed' | 'unprocessed';
	/** Names of the receivers that its routes lead to. */
	readonly receivers: readonly string[];
}

/** How many requests that notify were answered well, and how many were not, since Alertmanager's start, of all integrations. */
export interface Notifications {
	readonly sent: number;
	readonly failed: number;
}

export interface SyntheticAlert {
	/** Its labels, one of which is unique. */
	readonly labels: Readonly<Record<string, string>>;
	/** ISO 8601. */
	readonly startsAt: string;
	readonly endsAt: string;
}

/** What could not be asked: `failed` when the other side is to blame, `gap` when we could not get out. */
export interface Unasked {
	readonly kind: 'failed' | 'gap';
	readonly reason: string;
}

/** The calls made to Prometheus and Alertmanager, each with a deadline of its own. They throw only the signal's reason. */
export interface Monitoring {
	listTargets(signal: AbortSignal): Promise<readonly ScrapedTarget[] | Unasked>;
	/** Undefined when it was taken. */
	sendAlert(alert: SyntheticAlert, signal: AbortSignal): Promise<Unasked | undefined>;
	/** Undefined when it is not there. */
	findAlert(run: string, signal: AbortSignal): Promise<SeenAlert | Unasked | undefined>;
	readNotifications(signal: AbortSignal): Promise<Notifications | Unasked>;
	close(): Promise<void>;
}

export function isUnasked(value: object | undefined): value is Unasked {
	return value !== undefined && 'kind' in value && 'reason' in value;
}

/** What it proves that one of the two could not be asked. */
export function judgeUnasked(who: string, { kind, reason }: Unasked): { verdict: Verdict; reason: string } {
	return { verdict: kind === 'failed' ? 'failed' : 'inconclusive', reason: `${who}: ${reason}` };
}
