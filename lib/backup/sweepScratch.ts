import type { PostgresConnection } from '../support/postgres.client';
import { describeReason } from './describeReason';
import { backupErrors } from './errors';
import type { BackupRun } from './model';
import { dropScratchDatabase, listOwnDatabases } from './scratch.client';
import { parseScratchName, type ScratchName } from './scratchName';

export interface ScratchEntry {
	readonly name: string;
	readonly label: string;
	/** ISO 8601. */
	readonly expiresAt: string;
}

export interface ScratchSweep {
	readonly dropped: readonly ScratchEntry[];
	/** Left alone until they expire. */
	readonly notDue: readonly ScratchEntry[];
	/** Expired, and could not be dropped. */
	readonly failed: ReadonlyArray<ScratchEntry & { readonly problem: string }>;
}

/**
 * Drops the scratch databases that a killed verification left behind: those whose name is exactly one of ours and whose time is over,
 * and which belong to the very role that asks. Everything else is not looked at.
 * @throws RunbookError BACKUP.SCRATCH_UNREACHABLE
 */
export async function sweepScratch(
	scratch: PostgresConnection,
	{ signal, clock, log }: Pick<BackupRun, 'signal' | 'clock' | 'log'>,
): Promise<ScratchSweep> {
	const names = await listOwnDatabases(scratch, signal).catch((error: unknown) => {
		throw backupErrors.SCRATCH_UNREACHABLE({ host: scratch.host, problem: describeReason(error) }, error);
	});
	const { due, notDue } = assessScratch(names, clock.now());
	const dropped: ScratchEntry[] = [];
	const failed: Array<ScratchEntry & { problem: string }> = [];
	for (const entry of due) {
		signal.throwIfAborted();
		try {
			await dropScratchDatabase(scratch, entry.name);
			log(`dropped the scratch database ${entry.name}`);
			dropped.push(entry);
		} catch (error) {
			failed.push({ ...entry, problem: describeReason(error) });
		}
	}
	return { dropped, notDue, failed };
}

/** Which of these databases are scratch databases whose time is over, and which are not due yet. Names of anything else are in neither. */
export function assessScratch(
	names: readonly string[],
	now: Date,
): { readonly due: readonly ScratchEntry[]; readonly notDue: readonly ScratchEntry[] } {
	const ours = names.map(parseScratchName).filter((entry) => entry !== undefined);
	const isDue = ({ expiresAt }: ScratchName): boolean => expiresAt.getTime() <= now.getTime();
	return { due: ours.filter(isDue).map(toEntry), notDue: ours.filter((entry) => !isDue(entry)).map(toEntry) };
}

function toEntry({ name, label, expiresAt }: ScratchName): ScratchEntry {
	return { name, label, expiresAt: expiresAt.toISOString() };
}
