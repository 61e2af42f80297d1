import { listBackups } from '../../../lib/backup/listBackups';
import type { BackupLocation } from '../../../lib/backup/model';
import { fieldsOf } from '../../shared/describeOperations';
import { objectStorage } from '../../shared/objectStorageCredential';
import type { Operation } from '../../shared/operation';
import { locationFields, readCount, readLocation } from '../locationFields';

interface Parameters {
	readonly location: BackupLocation;
	readonly limit: number;
}

/** Says which backups there are, which of them were verified, and what runs that were killed left behind. */
export const list: Operation<Parameters> = {
	name: 'list',
	kind: 'observe',
	resultKey: 'backups',
	description: fieldsOf('list', [
		...locationFields,
		{
			displayName: 'Limit',
			name: 'limit',
			type: 'number',
			typeOptions: { minValue: 1 },
			default: 50,
			description: 'Max number of results to return',
		},
	]),
	deadlineMs: () => 300_000,
	readParameters: (context, itemIndex) => ({
		location: readLocation(context, itemIndex),
		limit: readCount(context, itemIndex, { name: 'limit', minimum: 1 }),
	}),
	plan: ({ location }) => ({ key: '', inputs: { ...location } }),
	run: async ({ parameters: { location, limit }, open, signal }) => {
		const { backups, unusable, unfinished, omitted } = await listBackups(await open(objectStorage), location, {
			limit,
			signal,
		});
		return {
			result: {
				backups: backups.map((backup) => ({ ...backup })),
				unusable: unusable.map((backup) => ({ ...backup })),
				unfinished: [...unfinished],
				omitted,
			},
		};
	},
};
