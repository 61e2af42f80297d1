import { pointOfNoReturn } from '../../../lib/migration/pointOfNoReturn';

const BACKUP = '20261123T064012Z-3f9a1c2b4d5e';

test.each<[string, string[], string | undefined, string | undefined]>([
	['nothing was applied: nothing is lost', [], BACKUP, undefined],
	[
		'the backup and its time are the way back',
		['1_a', '2_b'],
		BACKUP,
		`The schema of the database moved on (1_a, 2_b). The backup ${BACKUP} of 2026-11-23T06:40:12Z is the way back to the old schema, and loses whatever was written since`,
	],
	[
		'a backup of another kind has no time',
		['1_a'],
		'b',
		expect.stringContaining('The backup b is the way back') as never,
	],
	[
		'without a backup there is no way back',
		['1_a'],
		undefined,
		expect.stringContaining('no verified backup') as never,
	],
])('%s', (_promise, applied, backupId, reason) => {
	expect(pointOfNoReturn(applied, backupId)).toEqual(reason === undefined ? undefined : { reason });
});
