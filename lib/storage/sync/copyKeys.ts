import type { CopyPlace } from './model';

export interface CopyKeys {
	/** What the copied objects' keys begin with. */
	readonly folder: string;
	readonly list: string;
	readonly manifest: string;
}

/** The object keys of a copy; list and manifest stand beside its folder, not in it. */
export function copyKeys({ prefix, name }: Pick<CopyPlace, 'prefix' | 'name'>): CopyKeys {
	const stem = `${folderPrefix(prefix)}${name}`;
	return { folder: `${stem}/`, list: `${stem}.objects.jsonl`, manifest: `${stem}.manifest.json` };
}

/** A folder as what keys begin with: `a/b/`, or nothing for the bucket's top. Leading, trailing and doubled slashes do not count. */
export function folderPrefix(prefix: string): string {
	const folders = prefix.split('/').filter((folder) => folder !== '');
	return folders.map((folder) => `${folder}/`).join('');
}
