import { assessRehearsal } from '../../../../lib/migration/rehearse/assessRehearsal';
import type { RehearsalProblem, RehearsedMigration } from '../../../../lib/migration/rehearse/model';

const one = (change: Partial<RehearsedMigration> = {}): RehearsedMigration => ({
	name: '1_a',
	checksum: 'aa',
	durationMs: 1_000,
	locks: [],
	rewritten: [],
	growthBytes: 0,
	atLeastMs: 1_000,
	failure: null,
	down: null,
	...change,
});
const held = (lock: string, heldMs: number): RehearsedMigration['locks'][number] => ({
	table: 'public.a',
	lock,
	heldMs,
});

test.each<[string, RehearsedMigration[], Array<RehearsalProblem['kind']>]>([
	['nothing', [], []],
	['a script that ran', [one({ locks: [held('ACCESS EXCLUSIVE', 900)] })], []],
	['a script that failed', [one({ failure: 'column "b" does not exist' })], ['failed']],
	[
		'readers and writers that wait for too long',
		[one({ locks: [held('ACCESS EXCLUSIVE', 2_001)] })],
		['lock-too-long'],
	],
	['writers that wait for too long', [one({ locks: [held('SHARE', 2_001)] })], ['lock-too-long']],
	['a long lock behind which nobody waits', [one({ locks: [held('SHARE UPDATE EXCLUSIVE', 60_000)] })], []],
	[
		'a lock that is short here, and long on production which is larger',
		[one({ locks: [held('SHARE', 900)], atLeastMs: 3_000 })],
		['lock-too-long'],
	],
])('%s', (_promise, migrations, kinds) => {
	expect(assessRehearsal(migrations, { longestLockMs: 2_000 }).map(({ kind }) => kind)).toEqual(kinds);
});
