import { assessAssertion } from '../../../lib/integrity/assessAssertion';
import { assessIntegrity } from '../../../lib/integrity/assessIntegrity';
import { assertionsSchema } from '../../../lib/integrity/assertions';
import type {
	Assertion,
	AssertionResult,
	IntegrityFacts,
	IntegrityRecord,
	Measured,
	StructureFacts,
	Violation,
} from '../../../lib/integrity/model';

const SOUND: StructureFacts = {
	constraintsNotValid: [],
	orphans: [{ constraint: 'public.files.files_case_id_fkey', count: { value: 0 } }],
	checksBroken: [],
	sequences: [{ column: 'public.cases.id', behind: { value: false } }],
	invalidIndexes: [],
	indexChecks: null,
};
const facts = (change: Partial<IntegrityFacts> = {}, structure: Partial<StructureFacts> = {}): IntegrityFacts => ({
	assertions: [],
	structure: { ...SOUND, ...structure },
	counts: new Map([['public.cases', { value: 100 }]]),
	before: undefined,
	...change,
});
const before = (cases: number): IntegrityRecord => ({ counts: { 'public.cases': cases }, values: {} });
const timeout = { problem: 'canceling statement (SQLSTATE 57014)', isDamage: false };
const damage = { problem: 'SQLSTATE XX002', isDamage: true };

test.each<[string, IntegrityFacts, string, Array<[Violation['check'], Violation['severity']]>]>([
	['a sound database', facts(), 'passed', []],
	[
		'a constraint that was never validated',
		facts({}, { constraintsNotValid: ['public.cases.positive'] }),
		'passed',
		[['constraint-not-valid', 'warning']],
	],
	[
		'rows that break it',
		facts({}, { checksBroken: [{ constraint: 'public.cases.positive', count: { value: 2 } }] }),
		'failed',
		[['check-violated', 'failed']],
	],
	[
		'orphans',
		facts({}, { orphans: [{ constraint: 'public.files.fk', count: { value: 1 } }] }),
		'failed',
		[['orphaned-rows', 'failed']],
	],
	[
		'orphans that could not be counted',
		facts({}, { orphans: [{ constraint: 'public.files.fk', count: timeout }] }),
		'inconclusive',
		[['orphaned-rows', 'inconclusive']],
	],
	[
		'a sequence behind its column',
		facts({}, { sequences: [{ column: 'public.cases.id', behind: { value: true } }] }),
		'failed',
		[['sequence-behind', 'failed']],
	],
	['an invalid index', facts({}, { invalidIndexes: ['public.i'] }), 'failed', [['invalid-index', 'failed']]],
	[
		'a damaged index',
		facts({}, { indexChecks: [{ index: 'public.i', sound: damage }] }),
		'failed',
		[['corrupt-index', 'failed']],
	],
	[
		'an index that may not be looked into',
		facts({}, { indexChecks: [{ index: 'public.i', sound: timeout }] }),
		'inconclusive',
		[['corrupt-index', 'inconclusive']],
	],
	[
		'a table that could not be counted',
		facts({ counts: new Map([['public.cases', timeout]]) }),
		'inconclusive',
		[['count', 'inconclusive']],
	],
	['as many rows as before', facts({ before: before(100) }), 'passed', []],
	['more rows than before', facts({ before: before(50) }), 'passed', []],
	['one row in a hundred less', facts({ before: before(101) }), 'passed', []],
	['more rows lost than allowed', facts({ before: before(102) }), 'failed', [['rows-lost', 'failed']]],
	[
		'a table that is gone, though it was empty',
		facts({ before: { counts: { 'public.cases': 100, 'public.notes': 0 }, values: {} } }),
		'failed',
		[['table-missing', 'failed']],
	],
	[
		'several things at once: all are told',
		facts({ before: before(900) }, { invalidIndexes: ['public.i', 'public.j'] }),
		'failed',
		[
			['invalid-index', 'failed'],
			['invalid-index', 'failed'],
			['rows-lost', 'failed'],
		],
	],
])('%s', (_promise, given, verdict, found) => {
	const report = assessIntegrity(given, { largestLoss: 0.01 });
	expect({
		verdict: report.verdict,
		found: report.violations.map(({ check, severity }) => [check, severity]),
	}).toEqual({ verdict, found });
});

const gave = (value: string | null, change: Partial<AssertionResult> = {}): Measured<AssertionResult> => ({
	value: { rows: 1, value, isSingle: true, ...change },
});
const recorded: IntegrityRecord = { counts: {}, values: { a: '7', nothing: null } };

test.each<[string, Partial<Assertion>, Measured<AssertionResult>, Violation['severity'] | undefined]>([
	['no row', { expect: 'empty' }, gave(null, { rows: 0, isSingle: false }), undefined],
	['a row instead of none', { expect: 'empty' }, gave('x'), 'failed'],
	['a query that failed', { expect: 'empty' }, timeout, 'inconclusive'],
	['a query that met damage', { expect: 'empty' }, damage, 'failed'],
	['a number inside', { expect: 'between', min: 1, max: 5 }, gave('5'), undefined],
	['a number below', { expect: 'between', min: 1 }, gave('0.5'), 'failed'],
	['a number above', { expect: 'between', max: 5 }, gave('1e3'), 'failed'],
	['not a number', { expect: 'between', min: 1 }, gave('NaN'), 'inconclusive'],
	['null is no number', { expect: 'between', min: -5 }, gave(null), 'inconclusive'],
	['an empty text is no number', { expect: 'between', min: -5 }, gave(''), 'inconclusive'],
	['several rows', { expect: 'between', min: 1 }, gave(null, { rows: 2, isSingle: false }), 'inconclusive'],
	['the same value', { expect: 'unchanged' }, gave('7'), undefined],
	['another value', { expect: 'unchanged' }, gave('8'), 'failed'],
	['null where a value was', { expect: 'unchanged' }, gave(null), 'failed'],
	['null as before', { expect: 'unchanged', name: 'nothing' }, gave(null), undefined],
	['a value that nobody recorded', { expect: 'unchanged', name: 'b' }, gave('7'), 'inconclusive'],
])('an assertion gives %s', (_promise, assertion, result, severity) => {
	const asked: Assertion = { name: 'a', sql: 'SELECT', expect: 'empty', ...assertion };
	expect(assessAssertion(asked, result, recorded)?.severity).toBe(severity);
});

test('a value is not compared before there is a record', () => {
	const asked: Assertion = { name: 'a', sql: 'SELECT', expect: 'unchanged' };
	expect(assessAssertion(asked, gave('8'), undefined)).toBeUndefined();
});

test.each<[string, unknown, string]>([
	['bounds without a number', [{ name: 'a', sql: 'SELECT 1', expect: 'between' }], 'write min, max or both'],
	['bounds of no use', [{ name: 'a', sql: 'SELECT 1', expect: 'empty', max: 1 }], 'leave min and max out'],
	['bounds upside down', [{ name: 'a', sql: 'SELECT 1', expect: 'between', min: 2, max: 1 }], 'not above max'],
	['another expectation', [{ name: 'a', sql: 'SELECT 1', expect: 'one' }], '"empty", "between" or "unchanged"'],
	['no query', [{ name: 'a', sql: ' ', expect: 'empty' }], 'write one SELECT'],
	[
		'two of one name',
		[
			{ name: 'a', sql: 'SELECT 1', expect: 'empty' },
			{ name: 'a', sql: 'SELECT 2', expect: 'empty' },
		],
		'is taken',
	],
	['an unknown field', [{ name: 'a', sql: 'SELECT 1', expect: 'empty', sqll: '' }], 'sqll'],
])('%s is refused', (_promise, assertions, problem) => {
	expect(JSON.stringify(assertionsSchema.safeParse(assertions).error?.issues)).toContain(
		problem.replaceAll('"', String.raw`\"`),
	);
});
