import { assessSuite, type SuiteFacts } from '../../../../lib/validation/suite/assessSuite';

const passing = '<testsuites><testcase name="a"/><testcase name="b"/></testsuites>';
const failing = '<testsuites><testcase name="a"/><testcase name="b"><failure/></testcase></testsuites>';
const skipping = '<testsuites><testcase name="a"><skipped/></testcase></testsuites>';

function facts(
	change: { text?: string; exitCode?: number | null; reason?: string; isCut?: boolean; leastTests?: number } = {},
): SuiteFacts {
	const { text = passing, exitCode = 0, reason = '', isCut = false, leastTests = 1 } = change;
	return {
		job: { uid: 'u', state: reason === '' ? 'complete' : 'failed', reason },
		pod: { name: 'p', waiting: '', exitCode },
		log: { text, isCut },
		leastTests,
	};
}

describe('assessSuite', () => {
	it.each([
		['passes', facts(), 'passed', '2 tests passed'],
		[
			'a failed test',
			facts({ text: failing, exitCode: 1, reason: 'BackoffLimitExceeded' }),
			'failed',
			'1 of 2 tests failed',
		],
		['a failed test and exit code 0', facts({ text: failing }), 'failed', '1 of 2 tests failed'],
		[
			'exit code 1 and no failed test',
			facts({ exitCode: 1, reason: 'BackoffLimitExceeded' }),
			'failed',
			'no test failed, but the suite ended with exit code 1',
		],
		[
			'no test',
			facts({ text: '<testsuites></testsuites>' }),
			'inconclusive',
			'0 tests were run, at least 1 must be',
		],
		[
			'only skipped tests',
			facts({ text: skipping }),
			'inconclusive',
			'0 tests were run (1 were skipped), at least 1 must be',
		],
		['fewer tests than usual', facts({ leastTests: 3 }), 'inconclusive', '2 tests were run, at least 3 must be'],
		[
			'no report',
			facts({ text: 'ok' }),
			'inconclusive',
			'the suite ended with exit code 0 and printed no JUnit report',
		],
		[
			'a crash',
			facts({ text: 'out of memory', exitCode: 137, reason: 'BackoffLimitExceeded' }),
			'inconclusive',
			'the suite ended with exit code 137 and printed no JUnit report',
		],
		[
			'half a report',
			facts({ text: passing.slice(0, 40), exitCode: 1 }),
			'inconclusive',
			'the suite ended with exit code 1 and printed a report that is no well-formed JUnit XML',
		],
		[
			'a deadline',
			facts({ reason: 'DeadlineExceeded', exitCode: null }),
			'inconclusive',
			'the suite was still running at its deadline',
		],
		[
			'a failed test before a deadline',
			facts({ text: failing, reason: 'DeadlineExceeded', exitCode: null }),
			'failed',
			'1 of 2 tests failed',
		],
		[
			'too much output',
			facts({ isCut: true }),
			'inconclusive',
			'the suite printed more than is read: its report may be incomplete',
		],
		[
			'a pod that is gone',
			{ ...facts(), pod: undefined, log: undefined },
			'inconclusive',
			'how the suite ended is not known: its pod is gone',
		],
		[
			'a log that cannot be read',
			{ ...facts(), log: undefined },
			'inconclusive',
			'the output of the suite could not be read',
		],
		[
			'a failed job of a good pod',
			facts({ reason: 'PodFailurePolicy' }),
			'inconclusive',
			'the job failed: PodFailurePolicy',
		],
	])('%s', (_name, given, verdict, reason) => {
		expect(assessSuite(given)).toMatchObject({ verdict, reason });
	});
});
