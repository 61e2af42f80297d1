import type { Verdict } from '../support/verdict';

/** How requests went in one stretch of time. */
export interface Share {
	readonly total: number;
	readonly bad: number;
}

export interface Comparison {
	/** `inconclusive` when chance alone may have made the difference. */
	readonly verdict: Verdict;
	/** What it was before, and what it is more now; null when before cannot be told. */
	readonly before: number | null;
	readonly rise: number | null;
	readonly reason: string;
}

/** One-sided 99 %: of a hundred releases that are as good as the one before, at most one is called worse. */
const Z = 2.326;

/**
 * Whether the error rate rose by more than `allowed` (a share, 0.005 = half a point) since before. Failed only when the rise is beyond
 * what chance does to so few requests (Newcombe's interval for the difference of two proportions); passed when the rise that was measured is
 * allowed. A baseline with fewer than `minimumTotal` requests is none: then the absolute limits decide alone, and the reason says so.
 */
export function compareErrorRates(
	before: Share,
	now: Share,
	{ allowed, minimumTotal }: { readonly allowed: number; readonly minimumTotal: number },
): Comparison {
	if (before.total < minimumTotal)
		return noBaseline(`${before.total} of ${minimumTotal} requests were counted before the change`);
	if (now.total < minimumTotal)
		return {
			verdict: 'inconclusive',
			before: before.bad / before.total,
			rise: null,
			reason: `${now.total} of ${minimumTotal} requests to compare with before`,
		};
	const [was, is] = [before.bad / before.total, now.bad / now.total];
	const rise = is - was;
	const facts = { before: was, rise };
	const shown = `${percent(was)} of requests failed before, ${percent(is)} now: ${percent(allowed)} more are allowed`;
	if (rise <= allowed) return { ...facts, verdict: 'passed', reason: shown };
	if (leastRise(before, now) > allowed) return { ...facts, verdict: 'failed', reason: shown };
	return { ...facts, verdict: 'inconclusive', reason: `${shown}; too few requests to tell it from chance` };
}

/** Whether a duration rose by more than `allowed` seconds. `before`: null when there was too little traffic to tell. */
export function compareDurations(before: number | null, now: number, allowed: number): Comparison {
	if (before === null) return noBaseline('how long requests took before the change could not be told');
	const rise = now - before;
	return {
		verdict: rise <= allowed ? 'passed' : 'failed',
		before,
		rise,
		reason: `${milliseconds(before)} before, ${milliseconds(now)} now: ${milliseconds(allowed)} more are allowed`,
	};
}

function noBaseline(why: string): Comparison {
	return { verdict: 'passed', before: null, rise: null, reason: `no baseline to compare with: ${why}` };
}

/** The lower end of Newcombe's interval for the rise. */
function leastRise(before: Share, now: Share): number {
	const [was, is] = [before.bad / before.total, now.bad / now.total];
	const [, highestBefore] = wilson(before);
	const [lowestNow] = wilson(now);
	return is - was - Math.sqrt((is - lowestNow) ** 2 + (highestBefore - was) ** 2);
}

/** Wilson's interval of a proportion. */
function wilson({ total, bad }: Share): [number, number] {
	const share = bad / total;
	const squared = Z * Z;
	const centre = share + squared / (2 * total);
	const half = Z * Math.sqrt((share * (1 - share)) / total + squared / (4 * total * total));
	const scale = 1 + squared / total;
	return [(centre - half) / scale, (centre + half) / scale];
}

function percent(share: number): string {
	return `${Number((share * 100).toFixed(2))} %`;
}

function milliseconds(seconds: number): string {
	return `${Math.round(seconds * 1000)} ms`;
}
