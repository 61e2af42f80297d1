import { assessHistory, pendingNames } from '../../../lib/migration/assessHistory';
import type { Diagnosis, HistoryFacts, HistoryRow, Migration, ProblemKind } from '../../../lib/migration/model';
import { refuseUnsafeHistory } from '../../../lib/migration/refuseUnsafeHistory';
import type { Verdict } from '../../../lib/support/verdict';

const AT = '2026-11-23T10:00:00.000Z';
const folder = (
	[
		['1_a', 'one'],
		['2_b', 'one'],
		['3_c', 'impossible'],
	] as const
).map(([name, transaction]): Migration => ({
	name,
	script: name,
	checksum: name.slice(2).repeat(2),
	transaction,
	isAtomic: transaction === 'one',
}));
const row = (name: string, change: Partial<HistoryRow> = {}): HistoryRow => ({
	name,
	startedAt: AT,
	finishedAt: AT,
	rolledBackAt: null,
	...change,
});
const clean: Diagnosis = { hasMigrationsTable: true, pending: [], failed: [], edited: [], missing: [] };
const facts = (change: Partial<HistoryFacts> = {}): HistoryFacts => {
	const read = {
		diagnosis: clean,
		rows: [row('1_a'), row('2_b'), row('3_c')],
		busy: null,
		relationCount: 5,
		interrupted: [],
		invalidIndexes: [],
		mayCreate: true,
		...change,
	};
	const names = pendingNames(read);
	return { pending: folder.filter(({ name }) => names.includes(name)), ...read };
};
const busy = { pid: 7, since: AT, application: 'psql' };

test.each<[string, Partial<HistoryFacts>, Verdict, ProblemKind[]]>([
	['nothing pending', {}, 'passed', []],
	['one pending', { diagnosis: { ...clean, pending: ['2_b'] }, rows: [row('1_a')] }, 'passed', []],
	[
		'pending before an applied one',
		{ diagnosis: { ...clean, pending: ['1_a'] }, rows: [row('2_b')] },
		'passed',
		['out-of-order'],
	],
	[
		'pending after one that was rolled back',
		{
			diagnosis: { ...clean, pending: ['1_a', '2_b'] },
			rows: [row('2_b', { finishedAt: null, rolledBackAt: AT })],
		},
		'passed',
		[],
	],
	['a failed one', { diagnosis: { ...clean, failed: ['2_b'] } }, 'failed', ['failed']],
	[
		'a failed one while somebody migrates is perhaps running',
		{ diagnosis: { ...clean, failed: ['2_b'] }, busy },
		'inconclusive',
		['busy', 'failed'],
	],
	[
		'one whose run was cut short and left nothing: it is pending again',
		{
			rows: [row('1_a')],
			diagnosis: { ...clean, failed: ['2_b'] },
			interrupted: [{ id: 'x', name: '2_b', wasCommitted: false }],
		},
		'passed',
		['interrupted'],
	],
	[
		'one that was cut short beside one that failed',
		{
			diagnosis: { ...clean, failed: ['1_a', '2_b'] },
			interrupted: [{ id: 'x', name: '2_b', wasCommitted: true }],
		},
		'failed',
		['failed', 'interrupted'],
	],
	['somebody migrates', { busy }, 'inconclusive', ['busy']],
	['an edited one outranks busy', { diagnosis: { ...clean, edited: ['1_a'] }, busy }, 'failed', ['busy', 'edited']],
	['a missing one', { diagnosis: { ...clean, missing: ['0_z'] } }, 'failed', ['missing']],
	[
		'tables without a history',
		{ diagnosis: { ...clean, hasMigrationsTable: false, pending: ['1_a'] }, rows: [] },
		'failed',
		['not-baselined'],
	],
	[
		'an empty database',
		{ diagnosis: { ...clean, hasMigrationsTable: false, pending: ['1_a'] }, rows: [], relationCount: 0 },
		'passed',
		[],
	],
	[
		'a pending script that cannot run',
		{ diagnosis: { ...clean, pending: ['3_c'] }, rows: [row('1_a')] },
		'failed',
		['impossible-script'],
	],
	[
		'no right to create and something pending',
		{ diagnosis: { ...clean, pending: ['2_b'] }, rows: [row('1_a')], mayCreate: false },
		'failed',
		['not-permitted'],
	],
	['no right to create and nothing pending', { mayCreate: false }, 'passed', []],
	['an invalid index', { invalidIndexes: ['public.i'] }, 'failed', ['invalid-index']],
	['an index that is being built', { invalidIndexes: ['public.i'], busy }, 'inconclusive', ['busy', 'invalid-index']],
])('%s', (_name, change, verdict, kinds) => {
	const history = assessHistory(facts(change));
	expect({ verdict: history.verdict, kinds: history.problems.map(({ kind }) => kind) }).toEqual({ verdict, kinds });
});

test('names and checksums of what is pending and applied are given in order', () => {
	const rows = [row('2_b'), row('1_a', { finishedAt: null, rolledBackAt: AT }), row('1_a')];
	const history = assessHistory(facts({ rows, diagnosis: { ...clean, pending: ['3_c'] } }));
	expect(history.applied).toEqual(['1_a', '2_b']);
	expect(history.pending).toEqual([{ name: '3_c', checksum: 'cc', transaction: 'impossible' }]);
});

test.each([
	[false, [{ name: '2_b', checksum: 'bb', transaction: 'one' }]],
	[true, []],
])(
	'a script that was cut short (committed: %s) is pending only when nothing of it is there',
	(wasCommitted, pending) => {
		const interrupted = [{ id: 'x', name: '2_b', wasCommitted }];
		const history = assessHistory(
			facts({ rows: [row('1_a')], diagnosis: { ...clean, failed: ['2_b'] }, interrupted }),
		);
		expect(history).toMatchObject({ failed: [], pending });
	},
);

const database = {
	host: 'db',
	port: 5432,
	name: 'cases',
	schema: 'public',
	user: 'app',
	serverVersion: '15.1',
	systemIdentifier: '7',
	databaseOid: 16384,
};

test.each<[Partial<HistoryFacts>, string, string]>([
	[{ diagnosis: { ...clean, failed: ['2_b'] } }, 'MIGRATION.HISTORY_FAILED', '--rolled-back "2_b"'],
	[{ diagnosis: { ...clean, edited: ['1_a', '2_b'] } }, 'MIGRATION.HISTORY_EDITED', 'version control'],
	[{ diagnosis: { ...clean, missing: ['0_z'] } }, 'MIGRATION.HISTORY_MISSING', 'do not delete'],
	[{ diagnosis: { ...clean, hasMigrationsTable: false } }, 'MIGRATION.HISTORY_NOT_BASELINED', 'right database'],
	[{ diagnosis: { ...clean, pending: ['3_c'] } }, 'MIGRATION.SCRIPT_IMPOSSIBLE', 'migration of its own'],
	[{ diagnosis: { ...clean, pending: ['2_b'] }, mayCreate: false }, 'MIGRATION.NOT_PERMITTED', 'GRANT CREATE'],
	[{ invalidIndexes: ['public.i'] }, 'MIGRATION.INVALID_INDEX', 'DROP INDEX CONCURRENTLY'],
])('a history that is not safe is refused with its remedy (%#)', (change, code, remedy) => {
	const history = assessHistory(facts(change));
	expect(() => refuseUnsafeHistory(history, database)).toThrow(
		expect.objectContaining({ code, fix: expect.stringContaining(remedy) as string }) as Error,
	);
});

test('a warning alone refuses nothing', () => {
	const history = assessHistory(facts({ diagnosis: { ...clean, pending: ['1_a'] }, rows: [row('2_b')] }));
	expect(() => refuseUnsafeHistory(history, database)).not.toThrow();
});
