import { assessRestoreState } from '../../../../lib/backup/restore/assessRestoreState';
import type { NamedDatabase, RestoreNote } from '../../../../lib/backup/restore/model';
import { restoreId, restoreNames } from '../../../../lib/backup/restore/restoreNames';
import { parseNote, writeNote } from '../../../../lib/backup/restore/restoreNote';

const BACKUP = '20261123T064012Z-3f9a1c2b4d5e';
const id = restoreId(BACKUP, { database: 'cases', label: 'r-1' });
const names = restoreNames('cases', id);
const note: RestoreNote = {
	state: 'restored',
	restoreId: id,
	backupId: BACKUP,
	snapshotAt: '2026-11-23T06:40:12.000Z',
	at: '2026-11-24T06:40:12.000Z',
	reason: 'rows were deleted',
	comment: null,
};
const database = (name: string, more: Partial<NamedDatabase> = {}): NamedDatabase => ({
	name,
	oid: 1,
	owner: 'app',
	isOurs: true,
	allowsConnections: true,
	comment: null,
	...more,
});
const live = database('cases');
const replaced: RestoreNote = { ...note, state: 'replaced', replacedBy: 1, swapTransaction: '900' };

test.each<[string, NamedDatabase[], string]>([
	['nothing yet', [live], 'not-begun'],
	['a copy without a note, from a run that was killed', [live, database(names.restored)], 'unfinished'],
	['a copy that was compared', [live, database(names.restored, { note })], 'ready'],
	['a replaced database, and its successor live', [live, database(names.broken, { note: replaced })], 'swapped'],
	['no live database', [database(names.restored, { note })], 'unsure'],
	['all three', [live, database(names.restored, { note }), database(names.broken, { note: replaced })], 'unsure'],
	['a copy that belongs to somebody else', [live, database(names.restored, { isOurs: false })], 'unsure'],
	['a copy of another restore', [live, database(names.restored, { note: { ...note, restoreId: 'x' } })], 'unsure'],
	[
		'a copy that was live and was swapped back',
		[live, database(names.restored, { note: { ...note, state: 'taken-back' } })],
		'unsure',
	],
	['a replaced database without our note', [live, database(names.broken)], 'unsure'],
	[
		'a replaced database, and somebody else live',
		[{ ...live, oid: 2 }, database(names.broken, { note: replaced })],
		'unsure',
	],
])('%s', (_, databases, kind) => {
	expect(assessRestoreState(names, { databases, restoreId: id }).kind).toBe(kind);
});

test('a restore has the same names in every run, and others for another database or label', () => {
	expect(restoreId(BACKUP, { database: 'cases', label: 'r-1' })).toBe(id);
	expect(id).toMatch(/^20261123t064012z_[0-9a-f]{8}$/);
	expect(names).toEqual({ live: 'cases', restored: `cases_restore_${id}`, broken: `cases_broken_${id}` });
	const others = [
		restoreId(BACKUP, { database: 'cases', label: '' }),
		restoreId(BACKUP, { database: 'case', label: 'r-1' }),
	];
	expect(new Set([id, ...others]).size).toBe(3);
});

test('names fit into 63 bytes, also where characters are long', () => {
	const { restored, broken } = restoreNames('ä'.repeat(31), id);
	expect(Buffer.byteLength(restored)).toBeLessThanOrEqual(63);
	expect(Buffer.byteLength(broken)).toBeLessThanOrEqual(63);
});

test('a note comes back from the comment it was written into, and no other comment is taken for one', () => {
	expect(parseNote(writeNote(replaced))).toEqual(replaced);
	for (const comment of [null, '', 'the cases', '{"deploymentRunbook":', '{"deploymentRunbook":{"state":"gone"}}'])
		expect(parseNote(comment)).toBeUndefined();
});
