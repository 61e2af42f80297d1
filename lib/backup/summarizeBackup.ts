import { backupKeys } from './backupKeys';
import type { BackupLocation, BackupManifest } from './model';

export interface BackupSummary {
	readonly backupId: string;
	readonly bucket: string;
	/** Key of the folder with its archives; ends in a slash. */
	readonly folder: string;
	readonly manifestKey: string;
	/** Of all archives together, compressed. */
	readonly sizeBytes: number;
	/** Of the manifest, which holds those of all archives. */
	readonly sha256: string;
	/** Number of tables. */
	readonly tables: number;
	/** Rows of all tables together. */
	readonly rows: number;
}

/** What later steps need of a backup. */
export function summarizeBackup(
	{ id, archives, sha256, tables }: BackupManifest,
	{ bucket, prefix }: BackupLocation,
): BackupSummary {
	const { folder, manifest } = backupKeys(prefix, id);
	return {
		backupId: id,
		bucket,
		folder,
		manifestKey: manifest,
		sizeBytes: archives.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
		sha256,
		tables: tables.length,
		rows: tables.reduce((sum, table) => sum + table.rows, 0),
	};
}
