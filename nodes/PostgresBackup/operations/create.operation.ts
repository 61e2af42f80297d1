import { backupIdOfAttempt, backupIdsUpTo } from '../../../lib/backup/backupIdOfAttempt';
import { createBackup } from '../../../lib/backup/createBackup';
import { createBackupId } from '../../../lib/backup/createBackupId';
import { discardUnfinished, findFinished } from '../../../lib/backup/findFinished';
import type { BackupLocation } from '../../../lib/backup/model';
import type { StandbyAddress } from '../../../lib/backup/standby.client';
import { targetPostgres } from '../../shared/credentials';
import { fieldsOf } from '../../shared/describeOperations';
import { objectStorage } from '../../shared/objectStorageCredential';
import type { Operation, OperationContext, ParameterReader } from '../../shared/operation';
import { readNumber } from '../../shared/readNumber';
import { readRecipients, recipientsField } from '../identityFields';
import { deadlineField, jobsField, locationFields, readCount, readLocation } from '../locationFields';
import { readEndpoint } from '../restoreFields';

interface Parameters {
	readonly location: BackupLocation;
	readonly lockWaitTimeoutSeconds: number;
	readonly standby: StandbyAddress | undefined;
	readonly recipients: readonly string[];
	readonly budgetMinutes: number;
	readonly jobs: number;
	readonly deadlineMinutes: number;
}

/** The step whose record says which backup a release made. */
const CREATE_STEP = '1.2/create-backup';

/** Dumps the database of the Postgres credential into object storage, with a manifest written last. */
export const create: Operation<Parameters> = {
	name: 'create',
	kind: 'change',
	description: fieldsOf('create', [
		...locationFields,
		{
			displayName: 'Standby',
			name: 'standby',
			type: 'string',
			default: '',
			placeholder: 'e.g. replica.internal:5432',
			description:
				'A streaming standby that is read in the place of the server, as host:port, with the login of the Postgres credential. It must hold what the server had written when the backup began. Empty: the server itself is read.',
		},
		{
			displayName: 'Lock Wait Timeout (Seconds)',
			name: 'lockWaitTimeoutSeconds',
			type: 'number',
			typeOptions: { minValue: 1 },
			default: 30,
			description:
				'How long to wait for a table that a migration has locked. After that the backup fails instead of queueing every reader behind it.',
		},
		{
			displayName: 'Time Budget (Minutes)',
			name: 'budgetMinutes',
			type: 'number',
			typeOptions: { minValue: 0.1 },
			default: 15,
			description:
				'What creating and verifying the backup may take together. It is refused before it is begun when, by the size of the database and the pace of earlier backups, it would take longer.',
		},
		recipientsField,
		jobsField,
		deadlineField,
	]),
	deadlineMs: ({ deadlineMinutes }) => deadlineMinutes * 60_000,
	readParameters: (context, itemIndex) => ({
		location: readLocation(context, itemIndex),
		lockWaitTimeoutSeconds: readCount(context, itemIndex, { name: 'lockWaitTimeoutSeconds', minimum: 1 }),
		standby: readStandby(context, itemIndex),
		recipients: readRecipients(context, itemIndex),
		budgetMinutes: readNumber(context, { itemIndex, name: 'budgetMinutes', minimum: 0.1, maximum: 100_000 }),
		jobs: readCount(context, itemIndex, { name: 'jobs', minimum: 1 }),
		deadlineMinutes: readCount(context, itemIndex, { name: 'deadlineMinutes', minimum: 1 }),
	}),
	plan: ({ location }) => ({ key: '', inputs: { ...location } }),
	// Which backup this step makes stands in the ledger before it is begun, so that a resume can look for it.
	prepare: async ({ clock, release }) =>
		await Promise.resolve({ inverse: { backupId: createBackupId(clock.now()), token: release?.token ?? 0 } }),
	observe: async (context) => {
		const { parameters, signal, open } = context;
		const attempts = await readAttempts(context);
		if (!attempts) return 'not-done';
		const backupIds = backupIdsUpTo(attempts.firstId, attempts.current);
		const found = await findFinished(await open(objectStorage), parameters.location, { backupIds, signal });
		return found ? { outcome: 'done', result: { ...found } } : 'not-done';
	},
	run: async (context) => {
		const { parameters, signal, clock, open, log } = context;
		const source = await open(targetPostgres);
		const store = await open(objectStorage);
		const attempts = await readAttempts(context);
		if (attempts && attempts.current > 0) {
			const backupIds = backupIdsUpTo(attempts.firstId, attempts.current - 1);
			for (const key of await discardUnfinished(store, parameters.location, { backupIds, signal }))
				log(`removed ${key}, which an interrupted run left without a manifest`);
		}
		const backupId = attempts && backupIdOfAttempt(attempts.firstId, attempts.current);
		const { budgetMinutes, deadlineMinutes: _deadlineMinutes, ...rest } = parameters;
		const options = { ...rest, budgetMs: budgetMinutes * 60_000 };
		return { result: { ...(await createBackup(source, store, { ...options, backupId, signal, clock, log })) } };
	},
};

/** @throws RunbookError PARAMETER.INVALID */
function readStandby(context: ParameterReader, itemIndex: number): StandbyAddress | undefined {
	const entry = String(context.getNodeParameter('standby', itemIndex, '') ?? '').trim();
	if (entry === '') return undefined;
	const { host, port } = readEndpoint(entry, 'standby');
	return { host, port };
}

/** Undefined when nothing is recorded, or under another step key than the usual one: then every run makes a backup of its own. */
async function readAttempts({
	release,
	recorded,
}: OperationContext<Parameters>): Promise<{ firstId: string; current: number } | undefined> {
	const inverse = (await recorded(CREATE_STEP))?.inverse;
	if (!release || inverse === null || typeof inverse !== 'object' || !('backupId' in inverse)) return undefined;
	const { backupId, token } = inverse;
	if (typeof backupId !== 'string' || typeof token !== 'number' || token > release.token) return undefined;
	return { firstId: backupIdOfAttempt(backupId, 0), current: release.token - token };
}
