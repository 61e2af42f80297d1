import { createHash } from 'node:crypto';
import type { SwapNames } from './model';

/** PostgreSQL's names have at most 63 bytes; `_restore_`, the time (16), a separator and the hash (8) leave this much. */
const STEM_BYTES = 29;

/**
 * The same for every run of one restore, so that a run after a kill finds what the first one made: `20261123t064012z_1f0c9a3b`, the
 * backup's time for people and a hash of what is restored where. `label` tells apart two restores of one backup, e.g. a release's id.
 */
export function restoreId(backupId: string, { database, label }: { database: string; label: string }): string {
	const time = backupId.slice(0, 16).toLowerCase();
	const hash = createHash('sha256')
		.update(JSON.stringify([backupId, database, label]))
		.digest('hex');
	return `${time}_${hash.slice(0, 8)}`;
}

/** The names of a restore's databases. A long name of the live one is cut; the hash in `id` keeps it apart from others. */
export function restoreNames(live: string, id: string): SwapNames {
	const stem = cut(live);
	return { live, restored: `${stem}_restore_${id}`, broken: `${stem}_broken_${id}` };
}

function cut(name: string): string {
	let stem = name;
	while (Buffer.byteLength(stem) > STEM_BYTES) stem = Array.from(stem).slice(0, -1).join('');
	return stem;
}
