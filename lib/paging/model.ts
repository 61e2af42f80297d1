/**
 * Glossary. An *event* is what the pager is told. A *trigger* opens an incident or adds to the one with the same dedup key,
 * `acknowledge` and `resolve` need that key. A *change* event only marks a deployment on the timeline and pages nobody.
 * *Accepted* means that the pager took the event (HTTP 202); whether a person was reached is not known from it.
 */
export type PageAction = 'trigger' | 'acknowledge' | 'resolve' | 'change';
export type Severity = 'critical' | 'error' | 'warning' | 'info';

/** JSON that goes to the pager. */
export type DetailsJson =
	string | number | boolean | null | readonly DetailsJson[] | { readonly [key: string]: DetailsJson };

export interface Page {
	readonly action: PageAction;
	/** What is wrong, in one line; cut at 1024 characters. Only for trigger and change. */
	readonly summary: string;
	/** What it is wrong with, e.g. the environment. */
	readonly source: string;
	readonly severity: Severity;
	/** Which incident; cut at 255 characters. Ignored for a change event, which has none. */
	readonly dedupKey: string;
	readonly links: ReadonlyArray<{ readonly href: string; readonly text: string }>;
	readonly customDetails: Readonly<Record<string, DetailsJson>>;
}

/** Where the Events API is, and which service it is for. */
export interface PagerConnection {
	/** e.g. `https://events.pagerduty.com` */
	readonly baseUrl: string;
	/** A secret: whoever has it can page. */
	readonly routingKey: string;
}

export interface AcceptedPage {
	readonly status: 'accepted';
	/** As the pager names it; empty for a change event. */
	readonly dedupKey: string;
	/** Always false: 202 says accepted, not delivered. */
	readonly confirmed: false;
	readonly attempts: number;
}
