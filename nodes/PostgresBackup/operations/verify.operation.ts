import type { BackupLocation } from '../../../lib/backup/model';
import type { BackupVerification } from '../../../lib/backup/verification';
import { verifyBackup } from '../../../lib/backup/verifyBackup';
import { scratchPostgres } from '../../shared/credentials';
import { fieldsOf } from '../../shared/describeOperations';
import { objectStorage } from '../../shared/objectStorageCredential';
import type { Operation, OperationContext } from '../../shared/operation';
import { backupIdField, readBackupId } from '../backupIdField';
import { encryptedField, openIdentity, readEncrypted } from '../identityFields';
import {
	deadlineField,
	diskField,
	jobsField,
	locationFields,
	readCount,
	readDiskBytes,
	readLocation,
} from '../locationFields';

interface Parameters {
	readonly location: BackupLocation;
	readonly backupId: string;
	readonly allowSourceServer: boolean;
	readonly scratchDiskBytes: number | undefined;
	readonly encrypted: boolean;
	/** Null: it is dropped at the end. */
	readonly keepMinutes: number | null;
	readonly jobs: number;
	readonly deadlineMinutes: number;
}

/** The step whose record a backup's checksum is compared with, when it is a step of the same release. */
const CREATE_STEP = '1.2/create-backup';

/** Reads a backup back, restores it into a scratch database and compares it with its manifest. */
export const verify: Operation<Parameters> = {
	name: 'verify',
	kind: 'verdict',
	description: fieldsOf('verify', [
		backupIdField,
		...locationFields,
		{
			displayName: 'Allow the Source Server',
			name: 'allowSourceServer',
			type: 'boolean',
			default: false,
			description:
				'Whether the scratch database may be made on the server that the backup came from. It takes disk, memory and I/O from it while the restore runs.',
		},
		{
			displayName: 'Keep the Scratch Database',
			name: 'keepScratch',
			type: 'boolean',
			default: false,
			description:
				'Whether the scratch database of a verified backup stays, for a rehearsal of the migrations. Its name is in the result; it holds production data until a sweep drops it.',
		},
		{
			displayName: 'Keep for (Minutes)',
			name: 'keepMinutes',
			type: 'number',
			typeOptions: { minValue: 1 },
			default: 240,
			displayOptions: { show: { keepScratch: [true] } },
			description: 'After that the sweep drops it, whatever became of the release',
		},
		diskField('the scratch server'),
		encryptedField,
		jobsField,
		deadlineField,
	]),
	deadlineMs: ({ deadlineMinutes }) => deadlineMinutes * 60_000,
	readParameters: (context, itemIndex) => ({
		location: readLocation(context, itemIndex),
		backupId: readBackupId(context, itemIndex),
		allowSourceServer: context.getNodeParameter('allowSourceServer', itemIndex) === true,
		scratchDiskBytes: readDiskBytes(context, itemIndex),
		encrypted: readEncrypted(context, itemIndex),
		keepMinutes:
			context.getNodeParameter('keepScratch', itemIndex) === true
				? readCount(context, itemIndex, { name: 'keepMinutes', minimum: 1 })
				: null,
		jobs: readCount(context, itemIndex, { name: 'jobs', minimum: 1 }),
		deadlineMinutes: readCount(context, itemIndex, { name: 'deadlineMinutes', minimum: 1 }),
	}),
	plan: ({ location, backupId }) => ({ key: '', inputs: { ...location, backupId } }),
	run: async (context) => {
		const { parameters, signal, clock, open, log } = context;
		const scratch = await open(scratchPostgres);
		const store = await open(objectStorage);
		const expectedSha256 = await readRecordedSha256(context);
		const { verdict, ...verification } = await verifyBackup(scratch, store, {
			...parameters,
			identity: await openIdentity(context),
			expectedSha256,
			scratchLife: {
				releaseId: context.release?.id,
				expiresAfterMs: scratchLifeMs(parameters),
				keep: parameters.keepMinutes !== null,
			},
			signal,
			clock,
			log,
		});
		return {
			verdict,
			result: toJson(verification),
			evidence: { tables: verification.tables, rows: verification.rows, sizeBytes: verification.sizeBytes },
		};
	},
};

/** Four hours, or what was asked for where it is kept; longer where the drill itself may take longer: a database in use is not due. */
function scratchLifeMs({ deadlineMinutes, keepMinutes }: Parameters): number {
	return Math.max(keepMinutes ?? 4 * 60, 2 * deadlineMinutes) * 60_000;
}

/** The checksum in the ledger, which whoever can write to the bucket cannot change. Undefined when this backup was not recorded. */
async function readRecordedSha256({ parameters, recorded }: OperationContext<Parameters>): Promise<string | undefined> {
	const result = (await recorded(CREATE_STEP))?.result;
	if (result === null || typeof result !== 'object' || Array.isArray(result) || !('backupId' in result))
		return undefined;
	return result.backupId === parameters.backupId && typeof result.sha256 === 'string' ? result.sha256 : undefined;
}

function toJson({ reasons, differences, scratch, token, ...rest }: Omit<BackupVerification, 'verdict'>) {
	return {
		...rest,
		reasons: reasons.map((reason) => ({ ...reason })),
		differences: differences.map((difference) => ({ ...difference })),
		scratch: scratch === null ? null : { ...scratch },
		token: token === null ? null : { ...token, source: { ...token.source } },
	};
}
