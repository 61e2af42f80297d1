import type { PrunePolicy } from '../../../lib/backup/prune/model';
import { pruneBackups } from '../../../lib/backup/prune/pruneBackups';
import type { BackupLocation } from '../../../lib/backup/model';
import { fieldsOf } from '../../shared/describeOperations';
import { objectStorage } from '../../shared/objectStorageCredential';
import type { Operation } from '../../shared/operation';
import { splitList } from '../../shared/splitList';
import { locationFields, readCount, readLocation } from '../locationFields';
import { toJson } from '../restoreRun';

interface Parameters {
	readonly location: BackupLocation;
	readonly policy: PrunePolicy;
	readonly dryRun: boolean;
}

const DAY_MS = 86_400_000;

/** Removes backups that are no longer wanted; never the last verified ones. Resumes what an interrupted run began. */
export const prune: Operation<Parameters> = {
	name: 'prune',
	kind: 'change',
	resultKey: 'prune',
	alwaysRuns: true,
	description: fieldsOf('prune', [
		...locationFields,
		{
			displayName: 'Keep Last',
			name: 'keepLast',
			type: 'number',
			typeOptions: { minValue: 1 },
			default: 14,
			description: 'How many of the newest verified backups are kept, whatever their age',
		},
		{
			displayName: 'Minimum Age (Days)',
			name: 'minimumAgeDays',
			type: 'number',
			typeOptions: { minValue: 0 },
			default: 30,
			description: 'Nothing younger is removed',
		},
		{
			displayName: 'Pins',
			name: 'pins',
			type: 'string',
			default: '',
			placeholder: 'e.g. 20261123T064012Z-3f9a1c2b4d5e',
			description:
				'IDs of backups that are kept, separated by commas. One beside which an object ID.pinned stands is kept too.',
		},
		{
			displayName: 'Dry Run',
			name: 'dryRun',
			type: 'boolean',
			default: true,
			description: 'Whether to only say what would be removed',
		},
	]),
	readParameters: (context, itemIndex) => ({
		location: readLocation(context, itemIndex),
		policy: {
			keepLast: readCount(context, itemIndex, { name: 'keepLast', minimum: 1 }),
			minimumAgeMs: readCount(context, itemIndex, { name: 'minimumAgeDays', minimum: 0 }) * DAY_MS,
			pins: splitList(String(context.getNodeParameter('pins', itemIndex) ?? '')),
		},
		// Only a plain no is one: whatever an expression gives instead removes nothing.
		dryRun: context.getNodeParameter('dryRun', itemIndex) !== false,
	}),
	plan: ({ location, dryRun }) => ({ key: '', inputs: { ...location, dryRun } }),
	run: async ({ parameters, open, signal, clock, log }) => {
		const pruning = await pruneBackups(await open(objectStorage), { ...parameters, signal, clock, log });
		return { result: toJson(pruning) };
	},
};
