/** The object keys of a backup: a folder with its archives, and the manifest beside it. */
export interface BackupKeys {
	/** Ends in a slash. */
	readonly folder: string;
	readonly manifest: string;
	/** Of the record that it was verified, written after everything else. */
	readonly verified: string;
}

/** Leading, trailing and doubled slashes of the prefix do not count. */
export function backupKeys(prefix: string, id: string): BackupKeys {
	const folders = prefix.split('/').filter((folder) => folder !== '');
	const stem = [...folders, id].join('/');
	return { folder: `${stem}/`, manifest: `${stem}.manifest.json`, verified: `${stem}.verified.json` };
}
