import type { RunbookError } from '../../support/runbookError';
import { assessDisk } from '../assessDisk';
import { readDiskUse } from '../diskUse.client';
import type { BackupManifest } from '../model';
import { restoreErrors } from './errors';
import type { OpenRestore, RestoreOptions } from './openRestore';

/** RESTORE.DISK_SHORT where the disk has no room for a second database beside the live one; undefined where it has, or nobody said how large it is. */
export async function findShortage(
	{ client, live }: Pick<OpenRestore, 'client' | 'live'>,
	{ id: backupId, sourceBytes }: BackupManifest,
	{ diskBytes, log }: Pick<RestoreOptions, 'diskBytes' | 'log'>,
): Promise<RunbookError | undefined> {
	if (diskBytes === undefined) {
		log('how large the disk of the server is was not given: its room is not checked');
		return undefined;
	}
	const { database } = live;
	const { fits, neededBytes, freeBytes } = assessDisk(sourceBytes, diskBytes, await readDiskUse(client, database));
	if (fits) return undefined;
	const inMB = (bytes: number): number => Math.round(bytes / 1e6);
	return restoreErrors.DISK_SHORT({ backupId, database, neededMB: inMB(neededBytes), freeMB: inMB(freeBytes) });
}
