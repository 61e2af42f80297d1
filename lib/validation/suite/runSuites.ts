import { worstVerdict, type Verdict } from '../../support/verdict';
import type { SuiteResult } from './model';

/** What one suite of a list came to. */
export interface ListedSuite extends Omit<SuiteResult, 'verdict'> {
	readonly suite: string;
	readonly verdict: Verdict;
}

export interface SuitesResult {
	readonly verdict: Verdict;
	/** One line for people. */
	readonly reason: string;
	/** False when the list is empty: then nothing was run, and nothing is proved. */
	readonly configured: boolean;
	readonly suites: readonly ListedSuite[];
	/** Names of those that were not begun, since one before them failed. */
	readonly notRun: readonly string[];
}

/**
 * Runs suites one after the other and stops behind the first that failed: a rollback need not wait for the others. An empty list is the
 * operators' word that they have none; it stands in the way of nothing, and says so.
 * @throws what `run` throws
 */
export async function runSuites(
	names: readonly string[],
	run: (name: string) => Promise<SuiteResult>,
): Promise<SuitesResult> {
	if (names.length === 0)
		return { verdict: 'passed', reason: NOT_CONFIGURED, configured: false, suites: [], notRun: [] };
	const suites: ListedSuite[] = [];
	for (const suite of names) {
		const result = await run(suite);
		suites.push({ suite, ...result });
		if (result.verdict === 'failed') break;
	}
	const open = suites.filter(({ verdict }) => verdict !== 'passed');
	const told = open.length > 0 ? open : suites;
	return {
		verdict: worstVerdict(suites.map(({ verdict }) => verdict)),
		reason: told.map(({ suite, reason }) => `${suite}: ${reason}`).join('; '),
		configured: true,
		suites,
		notRun: names.slice(suites.length),
	};
}

const NOT_CONFIGURED = 'not configured: the configuration names no suite, so none was run';
