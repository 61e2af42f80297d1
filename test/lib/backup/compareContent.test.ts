import { compareContent, type RestoredContent } from '../../../lib/backup/compareContent';
import type { BackupManifest } from '../../../lib/backup/model';
import { manifest } from './manifestFixture';

const restored: RestoredContent = {
	tables: manifest.tables,
	largeObjects: manifest.largeObjects,
	sequences: [
		{ schema: 'public', name: 'cases_id_seq', position: '41' },
		{ schema: 'public', name: 'countdown', position: '990' },
	],
};
const table = { schema: 'public', name: 'cases', rows: 40, hash: '-123' };

test('equal content has no difference', () => expect(compareContent(manifest, restored)).toEqual([]));

test.each<[string, Partial<BackupManifest>, Partial<RestoredContent>, ReturnType<typeof compareContent>]>([
	[
		'a lost row',
		{},
		{ tables: [{ ...table, rows: 39 }] },
		[{ table: 'public.cases', expected: '40 rows, hash -123', actual: '39 rows, hash -123' }],
	],
	[
		'a changed row',
		{},
		{ tables: [{ ...table, hash: '5' }] },
		[{ table: 'public.cases', expected: '40 rows, hash -123', actual: '40 rows, hash 5' }],
	],
	['a lost table', {}, { tables: [] }, [{ table: 'public.cases', expected: '40 rows, hash -123', actual: 'absent' }]],
	[
		'a table too many',
		{ tables: [] },
		{},
		[{ table: 'public.cases', expected: 'absent', actual: '40 rows, hash -123' }],
	],
	[
		'a table whose schema and name only look the same',
		{ tables: [{ ...table, schema: 'a.b', name: 'c' }] },
		{ tables: [{ ...table, schema: 'a', name: 'b.c' }] },
		[
			{ table: 'a.b.c', expected: '40 rows, hash -123', actual: 'absent' },
			{ table: 'a.b.c', expected: 'absent', actual: '40 rows, hash -123' },
		],
	],
	[
		'a row count that is not a number',
		{},
		{ tables: [{ ...table, rows: Number.NaN }] },
		[{ table: 'public.cases', expected: '40 rows, hash -123', actual: 'NaN rows, hash -123' }],
	],
	[
		'large objects',
		{},
		{ largeObjects: { count: 0, hash: '0' } },
		[{ table: 'large objects', expected: '1 objects, hash 9', actual: '0 objects, hash 0' }],
	],
	[
		'a sequence behind the snapshot',
		{},
		{ sequences: [{ schema: 'public', name: 'cases_id_seq', position: '39' }, ...restored.sequences.slice(1)] },
		[{ table: 'sequence public.cases_id_seq', expected: '40 to 42', actual: '39' }],
	],
	[
		'a sequence beyond the end of the dump, above 2^53',
		{
			sequences: [
				{ schema: 'public', name: 's', positionBefore: '9007199254740993', positionAfter: '9007199254740993' },
			],
		},
		{ sequences: [{ schema: 'public', name: 's', position: '9007199254740992' }] },
		[{ table: 'sequence public.s', expected: '9007199254740993', actual: '9007199254740992' }],
	],
])('%s is a difference', (_, changedManifest, changedRestore, differences) => {
	expect(compareContent({ ...manifest, ...changedManifest }, { ...restored, ...changedRestore })).toEqual(
		differences,
	);
});

test.each(['40', '41', '42'])('a sequence that moved while the dump ran may be restored at %s', (position) => {
	const sequences = [{ schema: 'public', name: 'cases_id_seq', position }, ...restored.sequences.slice(1)];
	expect(compareContent(manifest, { ...restored, sequences })).toEqual([]);
});
