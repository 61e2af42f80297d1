import type { Verdict } from '../../support/verdict';
import type { JobFacts, SuiteLog, SuitePod, SuiteReport } from './model';
import { readReports } from './readReports';

/** What is known when a suite has ended. */
export interface SuiteFacts {
	readonly job: JobFacts;
	/** Undefined when its pod is gone. */
	readonly pod: SuitePod | undefined;
	/** Undefined when it could not be read. */
	readonly log: SuiteLog | undefined;
	/** Fewer tests than this that were really run prove nothing. */
	readonly leastTests: number;
}

export interface AssessedSuite {
	readonly verdict: Verdict;
	readonly reason: string;
	readonly report: SuiteReport | null;
}

/**
 * Failed: a test failed, or all passed and the suite still ended with another exit code than 0. Passed: exit code 0, enough tests were run and none
 * failed. Everything else, most of all no test or no report, is inconclusive: the suite did not say anything about the application.
 */
export function assessSuite({ job, pod, log, leastTests }: SuiteFacts): AssessedSuite {
	const read = log === undefined ? 'none' : readReports(log.text);
	const report = typeof read === 'string' ? null : read;
	const exit = pod?.exitCode ?? null;
	const say = (verdict: Verdict, reason: string): AssessedSuite => ({ verdict, reason, report });

	if (report && report.failed > 0) return say('failed', `${report.failed} of ${report.tests} tests failed`);
	if (job.reason === 'DeadlineExceeded') return say('inconclusive', 'the suite was still running at its deadline');
	if (exit === null) return say('inconclusive', 'how the suite ended is not known: its pod is gone');
	if (log === undefined) return say('inconclusive', 'the output of the suite could not be read');
	if (log.isCut) return say('inconclusive', 'the suite printed more than is read: its report may be incomplete');
	if (report === null) {
		const problem =
			read === 'none' ? 'printed no JUnit report' : 'printed a report that is no well-formed JUnit XML';
		return say('inconclusive', `the suite ended with exit code ${exit} and ${problem}`);
	}
	const done = report.tests - report.skipped;
	if (exit !== 0 && done > 0) return say('failed', `no test failed, but the suite ended with exit code ${exit}`);
	if (done < leastTests || done === 0) {
		const skipped = report.skipped === 0 ? '' : ` (${report.skipped} were skipped)`;
		return say('inconclusive', `${done} tests were run${skipped}, at least ${Math.max(1, leastTests)} must be`);
	}
	if (job.state !== 'complete') return say('inconclusive', `the job failed: ${job.reason}`);
	return say('passed', `${count(done)} passed`);
}

function count(tests: number): string {
	return tests === 1 ? '1 test' : `${tests} tests`;
}
