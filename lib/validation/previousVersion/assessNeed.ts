import type { Verdict } from '../../support/verdict';

/** What is known before the previous version is run. */
export interface NeedFacts {
	/** False when the configuration does not say how it is started. */
	readonly configured: boolean;
	/** How many migrations ran on the scratch database; undefined when no rehearsal passed. */
	readonly rehearsed: number | undefined;
}

/** A verdict that stands without running anything. */
export interface WithoutRun {
	readonly verdict: Verdict;
	readonly reason: string;
}

/** Whether the previous version has to be run: undefined when it has; otherwise the verdict. What nobody tried is never passed. */
export function assessNeed({ configured, rehearsed }: NeedFacts): WithoutRun | undefined {
	if (rehearsed === undefined)
		return {
			verdict: 'inconclusive',
			reason: 'no rehearsal of the migrations passed: there is no schema to run it on',
		};
	if (rehearsed === 0) return { verdict: 'passed', reason: 'no migration is applied: the schema stays as it is' };
	if (configured) return undefined;
	return {
		verdict: 'inconclusive',
		reason: 'not configured: nothing says how the previous version is started against a database',
	};
}
