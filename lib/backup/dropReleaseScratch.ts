import type { PostgresConnection } from '../support/postgres.client';
import { describeReason } from './describeReason';
import type { BackupRun } from './model';
import { dropScratchDatabase, listOwnDatabases } from './scratch.client';
import { parseScratchName, scratchLabel } from './scratchName';

/**
 * Drops the scratch databases that verifications of a release kept, a run of it that was killed included. One whose name is cut off may be
 * another release's and is left to the sweep, unless it is `named`. What cannot be dropped is told and swept later.
 * @returns names of those that were dropped
 */
export async function dropReleaseScratch(
	scratch: PostgresConnection,
	{ releaseId, named }: { readonly releaseId: string; readonly named: string },
	{ signal, log }: Pick<BackupRun, 'signal' | 'log'>,
): Promise<string[]> {
	const { label, isWhole } = scratchLabel(releaseId);
	const isOurs = (name: string): boolean => {
		const parsed = parseScratchName(name);
		return parsed?.label === label && (isWhole || name === named);
	};
	const dropped: string[] = [];
	try {
		for (const name of (await listOwnDatabases(scratch, signal)).filter(isOurs)) {
			await dropScratchDatabase(scratch, name);
			dropped.push(name);
		}
	} catch (error) {
		log(`a scratch database of ${releaseId} is left to the sweep: ${describeReason(error)}`);
	}
	return dropped;
}
