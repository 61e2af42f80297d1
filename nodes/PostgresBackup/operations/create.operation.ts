import { createBackup } from '../../../lib/backup/createBackup';
import type { BackupLocation } from '../../../lib/backup/model';
import { targetPostgres } from '../../shared/credentials';
import { fieldsOf } from '../../shared/describeOperations';
import { objectStorage } from '../../shared/objectStorageCredential';
import type { Operation } from '../../shared/operation';
import { deadlineField, locationFields, readCount, readLocation } from '../locationFields';

interface Parameters {
	readonly location: BackupLocation;
	readonly lockWaitTimeoutSeconds: number;
	readonly deadlineMinutes: number;
}

/** Dumps the database of the Postgres credential into object storage, with a manifest written last. */
export const create: Operation<Parameters> = {
	name: 'create',
	kind: 'change',
	description: fieldsOf('create', [
		...locationFields,
		{
			displayName: 'Lock Wait Timeout (Seconds)',
			name: 'lockWaitTimeoutSeconds',
			type: 'number',
			typeOptions: { minValue: 1 },
			default: 30,
			description:
				'How long to wait for a table that a migration has locked. After that the backup fails instead of queueing every reader behind it.',
		},
		deadlineField,
	]),
	deadlineMs: ({ deadlineMinutes }) => deadlineMinutes * 60_000,
	readParameters: (context, itemIndex) => ({
		location: readLocation(context, itemIndex),
		lockWaitTimeoutSeconds: readCount(context, itemIndex, { name: 'lockWaitTimeoutSeconds', minimum: 1 }),
		deadlineMinutes: readCount(context, itemIndex, { name: 'deadlineMinutes', minimum: 1 }),
	}),
	plan: ({ location }) => ({ key: '', inputs: { ...location } }),
	// Every run makes a new id. What an interrupted one left has no manifest, so it is no backup, and doing it again harms nothing.
	observe: async () => await Promise.resolve('not-done' as const),
	run: async ({ parameters, signal, clock, open, log }) => {
		const source = await open(targetPostgres);
		const store = await open(objectStorage);
		return { result: { ...(await createBackup(source, store, { ...parameters, signal, clock, log })) } };
	},
};
