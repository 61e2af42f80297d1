import { backupKeys } from './backupKeys';
import type { BackupLocation, BackupManifest } from './model';

export interface BackupSummary {
	readonly backupId: string;
	readonly bucket: string;
	readonly key: string;
	readonly manifestKey: string;
	readonly sizeBytes: number;
	readonly sha256: string;
	/** Number of tables. */
	readonly tables: number;
	/** Rows of all tables together. */
	readonly rows: number;
}

/** What later steps need of a backup. */
export function summarizeBackup(
	{ id, archive, tables }: BackupManifest,
	{ bucket, prefix }: BackupLocation,
): BackupSummary {
	return {
		backupId: id,
		bucket,
		key: archive.key,
		manifestKey: backupKeys(prefix, id).manifest,
		sizeBytes: archive.sizeBytes,
		sha256: archive.sha256,
		tables: tables.length,
		rows: tables.reduce((sum, table) => sum + table.rows, 0),
	};
}
