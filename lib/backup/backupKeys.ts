/** The object keys of a backup. Leading, trailing and doubled slashes of the prefix do not count. */
export function backupKeys(prefix: string, id: string): { readonly archive: string; readonly manifest: string } {
	const folders = prefix.split('/').filter((folder) => folder !== '');
	const stem = [...folders, id].join('/');
	return { archive: `${stem}.dump`, manifest: `${stem}.manifest.json` };
}
