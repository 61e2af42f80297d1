import { backupIdOfAttempt, backupIdsUpTo } from '../../../lib/backup/backupIdOfAttempt';
import { parseScratchName, scratchName } from '../../../lib/backup/scratchName';
import { assessScratch } from '../../../lib/backup/sweepScratch';

const EXPIRES = new Date('2026-11-23T10:40:12.345Z');

test.each([
	['r-2026.11.23-4f9c2a', 'r_2026_11_23_4f9c2a'],
	['20261123T064012Z-3f9a1c2b4d5e', '20261123t064012z_3f9a1c2b4d5e'],
	['Release "ä"; DROP DATABASE x --', 'release_drop_database_x_'],
	[`r-${'9'.repeat(200)}`, `r_${'9'.repeat(27)}`],
	['', 'unnamed'],
])('the name for %j tells release and expiry within 63 bytes, and is read back', (label, readable) => {
	const name = scratchName(label, EXPIRES);
	expect(name).toMatch(new RegExp(`^scratch_${readable}_20261123t104012z_[0-9a-f]{8}$`));
	expect(Buffer.byteLength(name)).toBeLessThanOrEqual(63);
	expect(parseScratchName(name)).toEqual({ name, label: readable, expiresAt: new Date('2026-11-23T10:40:12Z') });
});

test('two names for the same release differ', () => {
	expect(scratchName('r-1', EXPIRES)).not.toBe(scratchName('r-1', EXPIRES));
});

test.each([
	'scratch',
	'scratch_r_1',
	'production',
	'scratch_r_1_20261123t104012z',
	'scratch_r_1_20261123t104012z_0a1b2c3',
	'scratch_r_1_20261123t104012z_0a1b2c3d_copy',
	'my_scratch_r_1_20261123t104012z_0a1b2c3d',
	'scratch_R_20261123t104012z_0a1b2c3d',
	'scratch_r_1_20261323t104012z_0a1b2c3d',
	'scratch_r_1_20260230t104012z_0a1b2c3d',
	`scratch_${'r'.repeat(30)}_20261123t104012z_0a1b2c3d`,
	'scratch_r_1_20261123t104012z_0a1b2c3d\n',
])('%j is not one of ours', (name) => expect(parseScratchName(name)).toBeUndefined());

test('due from the second of its expiry on; what is not ours is in neither list', () => {
	const now = new Date('2026-11-23T10:40:12Z');
	const names = [
		'scratch_a_20261123t104012z_00000000',
		'scratch_b_20261123t104013z_00000000',
		'cases',
		'scratch_mine',
	];
	expect(assessScratch(names, now)).toEqual({
		due: [{ name: names[0], label: 'a', expiresAt: '2026-11-23T10:40:12.000Z' }],
		notDue: [{ name: names[1], label: 'b', expiresAt: '2026-11-23T10:40:13.000Z' }],
	});
});

test('each attempt has an id of its own, newest first, of the form that verify accepts', () => {
	const first = backupIdOfAttempt('20261123T064012Z-3f9a1c2b4d5e', 0);
	expect(backupIdsUpTo(first, 2)).toEqual([
		'20261123T064012Z-3f9a1c2b0002',
		'20261123T064012Z-3f9a1c2b0001',
		'20261123T064012Z-3f9a1c2b0000',
	]);
	expect(backupIdsUpTo(first, 5_000)).toHaveLength(100);
	expect(backupIdOfAttempt(first, 70_000)).toMatch(/^\d{8}T\d{6}Z-[0-9a-f]{12}$/);
});
