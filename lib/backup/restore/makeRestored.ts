import type { PostgresConnection } from '../../support/postgres.client';
import { compareContent } from '../compareContent';
import { describeReason } from '../describeReason';
import type { Tool } from '../findTool.client';
import { logProgress } from '../logProgress';
import type { ArchiveStore, BackupManifest } from '../model';
import { restoreBackup } from '../restoreBackup';
import { readRestored } from '../scratch.client';
import { analyzeDatabase } from './analyze.client';
import { dropDatabase, readServerTime } from './databases.client';
import { createLike, dressDatabase, readDress, type DatabaseDress } from './dressDatabase.client';
import { dropCopy } from './dropCopy';
import { restoreErrors } from './errors';
import { findShortage } from './findShortage';
import type { NamedDatabase } from './model';
import type { OpenRestore, RestoreOptions } from './openRestore';
import { writeNote } from './restoreNote';

export interface RestoreSource {
	readonly store: ArchiveStore;
	readonly manifest: BackupManifest;
	readonly tool: Tool;
}

const LISTED_DIFFERENCES = 5;
/** A subscription would connect to its publisher at once; the preflight lists those of the live database. */
const NEVER_RESTORED = ['--no-subscriptions'];

/**
 * Restores a backup into a new database beside the live one: with its owners and grants, errors fatal; compared with the manifest by every
 * count and hash; dressed like the live one, analyzed, and noted as ready last. What an earlier run left unfinished is dropped first, and what
 * this one leaves unfinished at once: it takes the live database's disk.
 * @throws VerificationStop, RunbookError RESTORE.CONTENT_DIFFERS, COPY_REMAINS, the store's, the driver's error. Without the note it is not ready.
 */
export async function makeRestored(
	restore: OpenRestore,
	source: RestoreSource,
	{ options, unfinished }: { options: RestoreOptions; unfinished: NamedDatabase | undefined },
): Promise<void> {
	const { client, live, names, id } = restore;
	if (unfinished) {
		options.log(`restore ${id}: dropping the unfinished ${names.restored} of an earlier run`);
		await dropDatabase(client, names.restored);
	}
	const dress = await readDress(client, live.database);
	if (!dress)
		throw restoreErrors.UNSURE({ database: live.database, problem: `there is no database ${live.database}` });
	const short = await findShortage(restore, source.manifest, options);
	if (short) throw short;
	await createLike(client, names.restored, dress);
	try {
		await fill(restore, source, { options, dress });
	} catch (error) {
		await dropCopy(restore, options.clock).catch((reason: unknown) => {
			options.log(`restore ${id}: the unfinished ${names.restored} could not be dropped; the next run does it`);
			const facts = { copy: names.restored, reason: describeReason(reason), problem: describeReason(error) };
			throw restoreErrors.COPY_REMAINS(facts, error);
		});
		throw error;
	}
}

async function fill(
	{ client, live, names, id }: OpenRestore,
	{ store, manifest, tool }: RestoreSource,
	{ options, dress }: { options: RestoreOptions; dress: DatabaseDress },
): Promise<void> {
	const target = { ...live, database: names.restored };
	await restoreBackup({ target, store, manifest, tool, omit: NEVER_RESTORED, options });
	options.log(`restore ${id}: restored, comparing ${manifest.tables.length} tables`);
	await refuseDifferences(target, manifest, options);
	await analyzeDatabase(target, options.signal);
	const comment = writeNote({
		state: 'restored',
		restoreId: id,
		backupId: manifest.id,
		snapshotAt: manifest.snapshotAt,
		at: await readServerTime(client),
		reason: options.reason,
		comment: null,
	});
	await dressDatabase(client, names.restored, { dress, comment });
}

async function refuseDifferences(
	target: PostgresConnection,
	manifest: BackupManifest,
	options: RestoreOptions,
): Promise<void> {
	const { signal, jobs } = options;
	const onRows = logProgress(options, (rows) => `${rows} rows compared`);
	const restored = await readRestored(target, { rowHash: manifest.rowHash, jobs, signal, onRows });
	const differences = compareContent(manifest, restored);
	if (differences.length === 0) return;
	const names = differences.slice(0, LISTED_DIFFERENCES).map(({ table }) => table);
	throw restoreErrors.CONTENT_DIFFERS({ backupId: manifest.id, count: differences.length, names: names.join(', ') });
}
