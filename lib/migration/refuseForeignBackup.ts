import { migrationErrors } from './errors';
import type { BackupSource, DatabaseIdentity } from './model';

/**
 * Refuses unless the verified backup was taken from the very database that is about to change.
 * @throws RunbookError MIGRATION.BACKUP_OF_ANOTHER_DATABASE, BACKUP_IDENTITY_UNREADABLE
 */
export function refuseForeignBackup(backup: BackupSource, database: DatabaseIdentity): void {
	const { systemIdentifier, databaseOid } = database;
	if (systemIdentifier === null)
		throw migrationErrors.BACKUP_IDENTITY_UNREADABLE({
			problem: `the role ${database.user} may not read pg_control_system()`,
		});
	if (systemIdentifier === backup.systemIdentifier && databaseOid === backup.databaseOid) return;
	throw migrationErrors.BACKUP_OF_ANOTHER_DATABASE({
		backup: describe(backup),
		target: describe({ systemIdentifier, databaseOid }),
		host: `${database.host}:${database.port}`,
		database: database.name,
	});
}

/**
 * The source that a verified backup's token names, out of the recorded result of that step (`token.source`).
 * @throws RunbookError MIGRATION.BACKUP_IDENTITY_UNREADABLE
 */
export function readBackupSource(recordedResult: unknown): BackupSource {
	const source = field(field(recordedResult, 'token'), 'source');
	const systemIdentifier = field(source, 'systemIdentifier');
	const databaseOid = Number(field(source, 'databaseOid') ?? Number.NaN);
	if (typeof systemIdentifier !== 'string' || systemIdentifier === '' || !Number.isInteger(databaseOid)) {
		throw migrationErrors.BACKUP_IDENTITY_UNREADABLE({
			problem: 'the record of the verified backup names no source database',
		});
	}
	return { systemIdentifier, databaseOid };
}

/** A: dumped, restored, compared. B: continuous, with a drill on record. C: a clone that was queried. The earlier, the stronger. */
export type ProofClass = 'A' | 'B' | 'C';

/**
 * Refuses a backup whose token says less than the migration asks for; a token without a class says nothing.
 * @throws RunbookError MIGRATION.BACKUP_PROOF_TOO_WEAK
 */
export function refuseWeakBackup(recordedResult: unknown, least: ProofClass): void {
	const proofClass = field(field(recordedResult, 'token'), 'proofClass');
	if (typeof proofClass === 'string' && /^[ABC]$/.test(proofClass) && proofClass <= least) return;
	throw migrationErrors.BACKUP_PROOF_TOO_WEAK({
		proofClass: typeof proofClass === 'string' ? proofClass : 'D',
		least,
	});
}

/** The id of the backup that a verified backup's token names; undefined when it names none. */
export function readBackupId(recordedResult: unknown): string | undefined {
	const backupId = field(field(recordedResult, 'token'), 'backupId');
	return typeof backupId === 'string' ? backupId : undefined;
}

function field(value: unknown, name: string): unknown {
	return value !== null && typeof value === 'object' ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
}

function describe({ systemIdentifier, databaseOid }: BackupSource): string {
	return `system ${systemIdentifier}, database ${databaseOid}`;
}
