import type { PostgresConnection } from '../../support/postgres.client';
import { refuseUnlessOpens } from '../encryption/encryption';
import { findTool } from '../findTool.client';
import type { ArchiveStore, BackupManifest } from '../model';
import { readManifest } from '../readManifest';
import { restoreErrors } from './errors';
import { finishSwap, type FinishedSwap } from './finishSwap';
import { makeRestored } from './makeRestored';
import type { Hazard, RestoreState } from './model';
import { withRestore, type OpenRestore, type RestoreOptions } from './openRestore';
import { endpointProcedure } from './procedure';
import { readSwap, refuseOpenHazards } from './readSwap';
import { swapDatabases } from './swapDatabases';

export interface RestoreDatabaseOptions extends RestoreOptions {
	/** What a person typed; must be the live database's name. */
	readonly typedName: string;
	/** False: it ends after the comparison, for servers where nobody may rename databases. */
	readonly swap: boolean;
	/** What a restored database needs before it may serve, e.g. the fence of the release that restores it. Re-runnable. */
	prepare(restored: PostgresConnection): Promise<void>;
	/** Refuses when this run may no longer change the live database. */
	refuseIfFencedOut(live: PostgresConnection): Promise<void>;
}

export interface RestoredDatabase {
	/** `already-swapped`: an earlier run swapped it; this one checked and finished. `restored`: beside the live one, not swapped. */
	readonly outcome: 'swapped' | 'already-swapped' | 'restored';
	readonly backupId: string;
	readonly restoreId: string;
	readonly database: string;
	readonly databaseOid: number;
	/** ISO 8601: the state that it holds. */
	readonly snapshotAt: string;
	/** Hazards that were accepted by their word. */
	readonly waived: readonly Hazard[];
	/** Null when it was not swapped. */
	readonly swap: FinishedSwap | null;
	/** What a person does instead of the swap; empty when it was swapped. */
	readonly procedure: readonly string[];
}

/**
 * Restores a backup beside the live database, proves it, and swaps it in. Re-runnable after a kill at any point: it goes on from what the
 * databases' names and notes say, and answers `already-swapped` when all was done. Whatever fails before the renames are committed
 * leaves the live database serving.
 * @throws RunbookError RESTORE.*, STORAGE.*, BACKUP.TOOL_*, INTERRUPTED
 */
export async function restoreDatabase(
	live: PostgresConnection,
	store: ArchiveStore,
	options: RestoreDatabaseOptions,
): Promise<RestoredDatabase> {
	if (options.typedName !== live.database) throw restoreErrors.NAME_NOT_TYPED({ database: live.database });
	return await withRestore(live, options, async (restore) => {
		const manifest = await readManifest(store, options.location, options);
		const work: Work = { restore, store, manifest, options };
		await refuseUnlessOpens(manifest, options.identity);
		const state = await readSureState(restore);
		if (state.kind === 'swapped') return await conclude(work, { state, outcome: 'already-swapped', waived: [] });
		// Before the long part: what stands in the way now need not be found out after an hour.
		if (options.swap) await refuseHazards(work);
		if (state.kind !== 'ready') await make(work, state);
		await options.refuseIfFencedOut(live);
		await options.prepare({ ...live, database: restore.names.restored });
		const ready = await readSureState(restore);
		if (ready.kind !== 'ready')
			throw unsure(restore, `${restore.names.restored} is ${ready.kind} after it was restored`);
		if (!options.swap)
			return describe(work, { outcome: 'restored', oid: ready.restored.oid, waived: [], swap: null });
		// And again now: an hour later others may have come.
		const waived = await refuseHazards(work);
		const swapped = await swap(work, ready);
		return await conclude(work, { state: swapped, outcome: 'swapped', waived });
	});
}

interface Work {
	readonly restore: OpenRestore;
	readonly store: ArchiveStore;
	readonly manifest: BackupManifest;
	readonly options: RestoreDatabaseOptions;
}
type Sure = Exclude<RestoreState, { kind: 'unsure' }>;
type StateOf<Kind extends Sure['kind']> = Extract<Sure, { kind: Kind }>;

async function readSureState(restore: OpenRestore): Promise<Sure> {
	const state = await restore.readState();
	if (state.kind === 'unsure') throw unsure(restore, state.problem);
	return state;
}

/** @returns those that were accepted. @throws RunbookError RESTORE.SWAP_BLOCKED */
async function refuseHazards({ restore, manifest, options }: Work): Promise<Hazard[]> {
	const { hazards } = await readSwap(restore, options, manifest.source);
	refuseOpenHazards(hazards, restore.live.database);
	return hazards.filter(({ standing }) => standing === 'waived');
}

async function make(
	{ restore, store, manifest, options }: Work,
	state: StateOf<'not-begun' | 'unfinished'>,
): Promise<void> {
	const tool = await findTool('pg_restore', Number.parseInt(manifest.toolVersions.pgDump, 10), {
		folders: options.toolFolders,
	});
	const unfinished = state.kind === 'unfinished' ? state.restored : undefined;
	await makeRestored(restore, { store, manifest, tool }, { options, unfinished });
}

async function swap({ restore, manifest, options }: Work, ready: StateOf<'ready'>): Promise<StateOf<'swapped'>> {
	const { client, live, names, id, maintenance } = restore;
	await swapDatabases(client, {
		live: live.database,
		maintenance,
		sleep: async (durationMs) => await options.clock.sleep(durationMs),
		outgoing: {
			to: names.broken,
			note: ({ time, transaction }) => ({
				state: 'replaced',
				restoreId: id,
				backupId: manifest.id,
				snapshotAt: manifest.snapshotAt,
				at: time,
				reason: options.reason,
				replacedBy: ready.restored.oid,
				swapTransaction: transaction,
				comment: ready.live.comment,
			}),
		},
		incoming: { from: names.restored, comment: ready.live.comment },
	});
	options.log(`restore ${id}: swapped; the replaced database is kept as ${names.broken}`);
	const swapped = await readSureState(restore);
	if (swapped.kind !== 'swapped') throw unsure(restore, `it is ${swapped.kind} after the swap`);
	return swapped;
}

async function conclude(
	work: Work,
	{ state, outcome, waived }: { state: StateOf<'swapped'> } & Pick<RestoredDatabase, 'outcome' | 'waived'>,
): Promise<RestoredDatabase> {
	const finished = await finishSwap(work.restore, state, work);
	return describe(work, { outcome, oid: state.live.oid, waived, swap: finished });
}

function describe(
	{ restore, manifest }: Work,
	{ outcome, oid, waived, swap: swapped }: Pick<RestoredDatabase, 'outcome' | 'waived' | 'swap'> & { oid: number },
): RestoredDatabase {
	const { live, names, id } = restore;
	return {
		outcome,
		backupId: manifest.id,
		restoreId: id,
		database: swapped ? live.database : names.restored,
		databaseOid: oid,
		snapshotAt: manifest.snapshotAt,
		waived,
		swap: swapped,
		procedure: swapped ? [] : endpointProcedure(names, live),
	};
}

function unsure({ live }: OpenRestore, problem: string): Error {
	return restoreErrors.UNSURE({ database: live.database, problem });
}
