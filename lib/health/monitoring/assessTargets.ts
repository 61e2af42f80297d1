import { worstVerdict, type Verdict } from '../../support/verdict';
import type { ScrapedTarget } from './model';

/** As long as a breach may go unseen: more than two intervals, and a tenth for late timers. */
const STALE_AFTER_INTERVALS = 2.1;

export interface AssessedTargets {
	readonly verdict: Verdict;
	readonly reason: string;
	readonly targets: number;
	/** What is wrong, target by target. */
	readonly problems: readonly string[];
}

/** Whether everything that is to be scraped is: up, and lately. Nothing to scrape proves nothing. */
export function assessTargets(targets: readonly ScrapedTarget[]): AssessedTargets {
	const judged = targets.map(judge);
	const problems = judged.flatMap(({ problem }) => (problem === '' ? [] : [problem]));
	if (targets.length === 0)
		return { verdict: 'inconclusive', reason: 'Prometheus has no target', targets: 0, problems };
	return {
		verdict: worstVerdict(judged.map(({ verdict }) => verdict)),
		reason: problems[0] ?? `${targets.length} targets are up and fresh`,
		targets: targets.length,
		problems,
	};
}

function judge({ name, health, error, ageMs, intervalMs }: ScrapedTarget): { verdict: Verdict; problem: string } {
	if (health === 'down') return { verdict: 'failed', problem: `${name} is down${error === '' ? '' : `: ${error}`}` };
	if (health === 'unknown' || ageMs === null)
		return { verdict: 'inconclusive', problem: `${name} was not scraped yet` };
	if (ageMs <= STALE_AFTER_INTERVALS * intervalMs) return { verdict: 'passed', problem: '' };
	const due = `every ${intervalMs / 1000} s is due`;
	return { verdict: 'failed', problem: `${name} was last scraped ${Math.round(ageMs / 1000)} s ago, ${due}` };
}
