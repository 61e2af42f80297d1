import type { SuiteReport } from './model';
import { parseJunit } from './parseJunit';

const WHOLE = /<testsuites[\s>][\s\S]*?<\/testsuites>/g;
const SINGLE = /<testsuite[\s>][\s\S]*<\/testsuite>/;

/**
 * The reports in a log, between whatever else was printed: every `<testsuites>`, or what stands between the first `<testsuite>` and the
 * last end of one. `none`: there is none. `unreadable`: one of them is no well-formed JUnit XML.
 */
export function readReports(log: string): SuiteReport | 'none' | 'unreadable' {
	const whole = log.match(WHOLE);
	const single = whole ? undefined : SINGLE.exec(log)?.[0];
	const documents = whole ?? (single === undefined ? [] : [`<testsuites>${single}</testsuites>`]);
	if (documents.length === 0) return log.includes('<testsuite') ? 'unreadable' : 'none';
	const reports = documents.map(parseJunit);
	if (!reports.every((report) => report !== undefined)) return 'unreadable';
	return reports.reduce((sum, report) => ({
		tests: sum.tests + report.tests,
		failed: sum.failed + report.failed,
		skipped: sum.skipped + report.skipped,
		durationMs: sum.durationMs + report.durationMs,
		failures: [...sum.failures, ...report.failures].slice(0, 20),
	}));
}
