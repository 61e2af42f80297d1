import { parseJunit } from '../../../../lib/validation/suite/parseJunit';
import { readReports } from '../../../../lib/validation/suite/readReports';

const none = { tests: 0, failed: 0, skipped: 0, durationMs: 0, failures: [] };

/** As jest-junit writes it. */
const JEST = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="jest tests" tests="3" failures="1" errors="0" time="1.2">
  <testsuite name="login" errors="0" failures="1" skipped="1" timestamp="2026-11-23T20:00:00" time="0.9" tests="3">
    <properties><property name="a" value="b"/></properties>
    <testcase classname="login" name="works" time="0.4"/>
    <testcase classname="login" name="refuses &quot;wrong&quot; passwords" time="0.5">
      <failure>Error: expected &lt;401&gt;</failure>
    </testcase>
    <testcase classname="login" name="later" time="0"><skipped/></testcase>
    <system-out><![CDATA[<testcase name="not one"/>]]></system-out>
  </testsuite>
</testsuites>`;

/** As Node's own reporter writes it. */
const NODE = `<testsuites>
	<testsuite name="suite" time="0.2" tests="2" failures="1" skipped="0" hostname="h">
		<testcase name="good" time="0.1" classname="test"/>
		<testcase name="bad" time="0.1" classname="test" failure="it is 2">
			<failure type="testCodeFailure" message="it is 2
and more lines">stack</failure>
		</testcase>
	</testsuite>
	<!-- tests 2 -->
</testsuites>`;

describe('parseJunit', () => {
	it('reads what jest writes', () => {
		expect(parseJunit(JEST)).toEqual({
			tests: 3,
			failed: 1,
			skipped: 1,
			durationMs: 900,
			failures: [{ name: 'login: refuses "wrong" passwords', message: 'failure' }],
		});
	});

	it('reads what Node writes', () => {
		expect(parseJunit(NODE)).toEqual({
			tests: 2,
			failed: 1,
			skipped: 0,
			durationMs: 200,
			failures: [{ name: 'bad', message: 'it is 2' }],
		});
	});

	it('an error is a failure, nested suites count, and odd times do not', () => {
		const xml = `<testsuite><testsuite><testcase name="a" time="NaN"><error message="out of memory"/></testcase></testsuite>
			<testcase name="b" time="-3"/><testcase time="Infinity"/></testsuite>`;
		expect(parseJunit(xml)).toEqual({
			tests: 3,
			failed: 1,
			skipped: 0,
			durationMs: 0,
			failures: [{ name: 'a', message: 'out of memory' }],
		});
	});

	it('what a suite says of itself is not believed', () => {
		expect(parseJunit('<testsuites tests="9" failures="0"></testsuites>')).toEqual(none);
	});

	it('keeps twenty failures and one line of each', () => {
		const cases = Array.from(
			{ length: 30 },
			(_, n) => `<testcase name="t${n}"><failure message="${'x'.repeat(999)}"/></testcase>`,
		);
		const report = parseJunit(`<testsuite>${cases.join('')}</testsuite>`);
		expect(report).toMatchObject({ tests: 30, failed: 30 });
		expect(report?.failures).toHaveLength(20);
		expect(report?.failures[0]?.message).toHaveLength(201);
	});

	it.each([
		['cut off', '<testsuites><testcase name="a"/>'],
		['other XML', '<html><testcase name="a"/></html>'],
		['no XML', 'all tests passed'],
		['entities of its own', '<!DOCTYPE t [<!ENTITY a "b">]><testsuite><testcase name="&a;"/></testsuite>'],
		['an entity nobody declared', '<testsuite><testcase name="&a;"/></testsuite>'],
		['an external entity', '<!DOCTYPE t SYSTEM "file:///etc/passwd"><testsuite/>'],
	])('%s is no report', (_name, xml) => {
		expect(parseJunit(xml)).toBeUndefined();
	});
});

describe('readReports', () => {
	it('finds the report between other lines', () => {
		expect(readReports(`> npm run test\nwarning: <b>\n${JEST}\ndone\n`)).toMatchObject({ tests: 3, failed: 1 });
	});

	it('adds up several, so that the second cannot hide the first', () => {
		const good = '<testsuites><testcase name="a"/></testsuites>';
		expect(readReports(`${NODE}\n${good}`)).toMatchObject({ tests: 3, failed: 1, failures: [{ name: 'bad' }] });
		expect(
			readReports('<testsuite name="a"><testcase name="a"/></testsuite>\n<testsuite><testcase/></testsuite>'),
		).toMatchObject({
			tests: 2,
		});
	});

	it.each([
		['', 'none'],
		['4 passed', 'none'],
		['<testsuites><testcase name="a"/>', 'unreadable'],
		['<testsuites></testsuites><testsuites><testcase></testsuites>', 'unreadable'],
	])('%j is %s', (log, found) => {
		expect(readReports(log)).toBe(found);
	});
});
