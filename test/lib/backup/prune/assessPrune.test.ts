import { assessPrune } from '../../../../lib/backup/prune/assessPrune';
import type { PrunePolicy, StoredBackup } from '../../../../lib/backup/prune/model';

const NOW = new Date('2026-11-26T12:00:00Z');
const DAY_MS = 86_400_000;
const policy: PrunePolicy = { keepLast: 2, minimumAgeMs: 10 * DAY_MS, pins: [] };

function backup(ageDays: number, more: Partial<StoredBackup> = {}): StoredBackup {
	return {
		backupId: `d${ageDays}`,
		createdAt: new Date(NOW.getTime() - ageDays * DAY_MS),
		hasManifest: true,
		isVerified: true,
		isPinned: false,
		isExpiring: false,
		keys: [],
		...more,
	};
}
const pruned = (backups: StoredBackup[], change: Partial<PrunePolicy> = {}): string[] =>
	assessPrune(backups, { ...policy, ...change }, NOW)
		.filter(({ prune }) => prune)
		.map(({ backup: { backupId } }) => backupId);
const unverified = { isVerified: false };
const unfinished = { isVerified: false, hasManifest: false };

test.each<[string, StoredBackup[], Partial<PrunePolicy>, string[]]>([
	['old ones behind the last two verified', [backup(20), backup(30), backup(40)], {}, ['d40']],
	['the last verified one, however old', [backup(300)], { keepLast: 1 }, []],
	['nothing where nothing is verified', [backup(20, unverified), backup(30, unverified)], {}, []],
	['nothing younger than the minimum age', [backup(1), backup(2), backup(3)], {}, []],
	['a verified one behind newer unverified ones stays', [backup(20, unverified), backup(30)], { keepLast: 1 }, []],
	['an unverified one older than the last verified', [backup(20), backup(30, unverified)], {}, ['d30']],
	[
		'pinned ones, by id or by their object',
		[backup(20), backup(30), backup(40), backup(50, { isPinned: true })],
		{ pins: ['d40'] },
		[],
	],
	['one that is being written', [backup(20), backup(1, unfinished)], {}, []],
	['one that was never finished', [backup(20), backup(30, unfinished)], {}, ['d30']],
	[
		'one whose pruning was begun, first of all',
		[backup(20), backup(5, { isExpiring: true, hasManifest: false })],
		{},
		['d5'],
	],
	[
		'an expiring one does not count among the last',
		[backup(20, { isExpiring: true }), backup(30), backup(40)],
		{ keepLast: 2 },
		['d20'],
	],
	['a keep-last of nothing keeps one', [backup(20), backup(30)], { keepLast: 0 }, ['d30']],
])('%s', (_, backups, change, expected) => {
	expect(pruned(backups, change)).toEqual(expected);
});
