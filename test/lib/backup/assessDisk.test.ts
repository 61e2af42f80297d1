import { assessDisk } from '../../../lib/backup/assessDisk';

const GB = 1e9;

test.each([
	[
		'has room beside what is there',
		10,
		100,
		{ usedBytes: 88 * GB, walBytes: GB },
		{ fits: true, neededBytes: 12 * GB, freeBytes: 12 * GB },
	],
	[
		'lacks the room that sorting takes',
		10,
		100,
		{ usedBytes: 89 * GB, walBytes: GB },
		{ fits: false, neededBytes: 12 * GB, freeBytes: 11 * GB },
	],
	[
		'is smaller than what is said to be on it',
		10,
		5,
		{ usedBytes: 8 * GB, walBytes: GB },
		{ fits: false, neededBytes: 12 * GB, freeBytes: 0 },
	],
	[
		'could not be read',
		10,
		100,
		{ usedBytes: Number.NaN, walBytes: GB },
		{ fits: false, neededBytes: 12 * GB, freeBytes: Number.NaN },
	],
])('a disk that %s', (_what, sourceGB, diskGB, use, expected) => {
	expect(assessDisk(sourceGB * GB, diskGB * GB, use)).toEqual(expected);
});
