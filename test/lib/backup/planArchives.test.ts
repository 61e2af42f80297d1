import { planArchives } from '../../../lib/backup/planArchives';

const table = (name: string, sizeBytes: number) => ({ schema: 'public', name, sizeBytes });
const named = (names: string[]) => names.map((name) => ({ schema: 'public', name }));
const shape = (tables: ReturnType<typeof table>[], jobs: number): unknown[] =>
	planArchives(tables, { jobs, smallestBytes: 100 }).map((archive) =>
		archive.kind === 'tables' ? archive.tables.map(({ name }) => name).join() : archive.kind,
	);

test.each<[string, ReturnType<typeof table>[], unknown[]]>([
	['an empty database has its schema and the rest', [], ['schema', 'rest']],
	['small tables are dumped with the rest', [table('a', 40), table('b', 50)], ['schema', 'rest']],
	[
		'small tables together fill an archive',
		[table('a', 40), table('b', 50), table('c', 30)],
		['schema', 'b,a,c', 'rest'],
	],
	[
		'large ones come first, each in its own',
		[table('tiny', 1), table('large', 500), table('larger', 900)],
		['schema', 'larger', 'large', 'rest'],
	],
])('%s', (_, tables, expected) => expect(shape(tables, 2)).toEqual(expected));

test('the rest leaves out exactly the tables that have an archive', () => {
	const plan = planArchives([table('tiny', 1), table('large', 500), table('larger', 900)], {
		jobs: 2,
		smallestBytes: 100,
	});
	expect(plan.at(-1)).toEqual({ kind: 'rest', excluded: named(['larger', 'large']) });
});

test('a thousand tables at most are named on a command line', () => {
	const tables = Array.from({ length: 3000 }, (_, index) => table(`t${index}`, 1000));
	const rest = planArchives(tables, { jobs: 1, smallestBytes: 100 }).at(-1);
	expect(rest?.kind === 'rest' && rest.excluded.length).toBeLessThanOrEqual(1000);
});

test('eight archives of equal tables keep two jobs busy', () => {
	const tables = Array.from({ length: 80 }, (_, index) => table(`t${index}`, 1000));
	expect(shape(tables, 2)).toHaveLength(8 + 2);
});
