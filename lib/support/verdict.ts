/** The one closed vocabulary of outcomes. `inconclusive` = it could not be judged; it never counts as `passed`. */
export type Verdict = 'passed' | 'failed' | 'inconclusive';

/** The worst of several verdicts: failed outranks inconclusive outranks passed. No verdict at all is inconclusive. */
export function worstVerdict(verdicts: readonly Verdict[]): Verdict {
	if (verdicts.includes('failed')) return 'failed';
	if (verdicts.length === 0 || verdicts.includes('inconclusive')) return 'inconclusive';
	return 'passed';
}
