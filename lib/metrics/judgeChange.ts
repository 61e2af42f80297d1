import type { Verdict } from '../support/verdict';
import type { Comparison } from './compareWithBaseline';

export interface Judged {
	readonly verdict: Verdict;
	readonly reason: string;
	/** Absent: nothing was compared. */
	readonly baseline?: Comparison;
}

/** Both must hold, the limit itself and the change since before: a measurement that already stands in the way keeps its own reason. */
export function judgeChange(absolute: Pick<Judged, 'verdict' | 'reason'>, baseline: Comparison | undefined): Judged {
	if (baseline === undefined) return absolute;
	if (absolute.verdict !== 'passed') return { ...absolute, baseline };
	return { verdict: baseline.verdict, reason: `${absolute.reason}; ${baseline.reason}`, baseline };
}
