import type { PostgresConnection } from '../../support/postgres.client';
import { allNames, allowConnections, readDatabases } from './databases.client';
import { restoreErrors } from './errors';
import type { Hazard, NamedDatabase, RestoreState } from './model';
import { withRestore, type OpenRestore, type RestoreOptions } from './openRestore';
import { readSwap, refuseOpenHazards } from './readSwap';
import { swapDatabases } from './swapDatabases';
import { waitForEndpoints } from './waitForEndpoints';

export interface SwapBackOptions extends RestoreOptions {
	/** What a person typed; must be the live database's name. */
	readonly typedName: string;
	/** What the kept database needs before it may serve again, e.g. the fence of the release that brings it back. Re-runnable. */
	prepare(kept: PostgresConnection): Promise<void>;
	/** Refuses when this run may no longer change the live database. */
	refuseIfFencedOut(live: PostgresConnection): Promise<void>;
}

export interface SwappedBack {
	readonly outcome: 'swapped-back' | 'already-swapped-back';
	readonly restoreId: string;
	readonly database: string;
	/** Of the database that serves again. */
	readonly databaseOid: number;
	/** What was live since the restore; kept and closed. */
	readonly keptDatabase: string;
	readonly waived: readonly Hazard[];
	/** Each endpoint through which a fresh connection came to it. */
	readonly endpoints: readonly string[];
}

/**
 * Undoes the swap of a restore: the database that it replaced serves again, and the restored one is kept with what it accepted meanwhile.
 * Same guards, same transaction, re-runnable. @throws RunbookError RESTORE.*
 */
export async function swapBack(live: PostgresConnection, options: SwapBackOptions): Promise<SwappedBack> {
	if (options.typedName !== live.database) throw restoreErrors.NAME_NOT_TYPED({ database: live.database });
	return await withRestore(live, options, async (restore) => {
		const done = await findSwappedBack(restore);
		if (done) return await conclude(restore, options, { ...done, outcome: 'already-swapped-back', waived: [] });
		const state = await restore.readState();
		if (state.kind !== 'swapped') {
			const { broken } = restore.names;
			throw restoreErrors.NOTHING_TO_SWAP_BACK({ broken });
		}
		const { hazards } = await readSwap(restore, options);
		refuseOpenHazards(hazards, live.database);
		await options.refuseIfFencedOut(live);
		await swap(restore, options, state);
		const swapped = await findSwappedBack(restore);
		if (!swapped)
			throw restoreErrors.UNSURE({
				database: live.database,
				problem: 'it is not swapped back after the renames',
			});
		const waived = hazards.filter(({ standing }) => standing === 'waived');
		return await conclude(restore, options, { ...swapped, outcome: 'swapped-back', waived });
	});
}

interface Both {
	readonly live: NamedDatabase;
	readonly kept: NamedDatabase;
}

async function findSwappedBack({ client, names, id }: OpenRestore): Promise<Both | undefined> {
	const databases = await readDatabases(client, allNames(names));
	const named = (name: string): NamedDatabase | undefined => databases.find((one) => one.name === name);
	const [live, kept] = [named(names.live), named(names.restored)];
	const isTakenBack = kept?.note?.state === 'taken-back' && kept.note.restoreId === id && !named(names.broken);
	return live && kept && isTakenBack ? { live, kept } : undefined;
}

async function swap(
	{ client, maintenance, live, names, id }: OpenRestore,
	options: SwapBackOptions,
	state: Extract<RestoreState, { kind: 'swapped' }>,
): Promise<void> {
	const { note } = state.broken;
	await allowConnections(client, names.broken, true);
	try {
		await options.prepare({ ...live, database: names.broken });
		await swapDatabases(client, {
			live: live.database,
			maintenance,
			sleep: async (durationMs) => await options.clock.sleep(durationMs),
			outgoing: {
				to: names.restored,
				note: ({ time, transaction }) => ({
					state: 'taken-back',
					restoreId: id,
					backupId: options.backupId,
					snapshotAt: note?.snapshotAt ?? '',
					at: time,
					reason: options.reason,
					replacedBy: state.broken.oid,
					swapTransaction: transaction,
					comment: state.live.comment,
				}),
			},
			incoming: { from: names.broken, comment: note?.comment ?? null },
		});
	} catch (error) {
		// It stays closed as long as it does not serve; when it does by now, it has another name.
		await allowConnections(client, names.broken, false).catch(() => undefined);
		throw error;
	}
}

async function conclude(
	restore: OpenRestore,
	options: SwapBackOptions,
	{ live, kept, outcome, waived }: Both & Pick<SwappedBack, 'outcome' | 'waived'>,
): Promise<SwappedBack> {
	const answers = await waitForEndpoints(restore, options, { databaseOid: live.oid, replacedOid: kept.oid });
	return {
		outcome,
		restoreId: restore.id,
		database: live.name,
		databaseOid: live.oid,
		keptDatabase: kept.name,
		waived,
		endpoints: answers.map(({ endpoint }) => endpoint),
	};
}
