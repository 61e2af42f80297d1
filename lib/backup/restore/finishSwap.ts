import { z } from 'zod';
import type { PostgresConnection } from '../../support/postgres.client';
import type { ArchiveStore, BackupManifest } from '../model';
import { allowConnections } from './databases.client';
import { exportLost, lostRowsKey, type LostRows } from './exportLost';
import type { RestoreState } from './model';
import type { OpenRestore, RestoreOptions } from './openRestore';
import { waitForEndpoints } from './waitForEndpoints';

export interface FinishedSwap {
	/** ISO 8601, by the server's clock. */
	readonly swappedAt: string;
	/** The replaced database, kept and closed. */
	readonly brokenDatabase: string;
	readonly brokenOid: number;
	/** Each endpoint through which a fresh connection came to the restored database. */
	readonly endpoints: readonly string[];
	readonly lost: LostRows;
}

const lostRows: z.ZodType<LostRows> = z.object({
	key: z.string(),
	added: z.number(),
	changed: z.number(),
	removed: z.number(),
	withoutKeys: z.array(z.string()),
	truncated: z.array(z.string()),
});

/**
 * What makes a swap done: old sessions on standbys are ended, every endpoint leads to the restored database, and the rows that were accepted
 * since the snapshot are written down. Re-runnable. @throws RunbookError RESTORE.ENDPOINT_STALE, the store's, the driver's error
 */
export async function finishSwap(
	restore: OpenRestore,
	{ live, broken }: Extract<RestoreState, { kind: 'swapped' }>,
	work: { store: ArchiveStore; manifest: BackupManifest; options: RestoreOptions },
): Promise<FinishedSwap> {
	const { note, name, oid } = broken;
	const { at: swappedAt = '', swapTransaction = '' } = note ?? {};
	const answers = await waitForEndpoints(restore, work.options, { databaseOid: live.oid, replacedOid: oid });
	const lost = await writeLost(restore, { ...work, replaced: name, swappedAt, swapTransaction });
	const { added, changed, removed } = lost;
	work.options.log(
		`restore ${restore.id}: ${added} rows added, ${changed} changed and ${removed} removed since the snapshot are listed in ${lost.key}`,
	);
	return {
		swappedAt,
		brokenDatabase: name,
		brokenOid: oid,
		endpoints: answers.map(({ endpoint }) => endpoint),
		lost,
	};
}

interface Loss {
	readonly store: ArchiveStore;
	readonly manifest: BackupManifest;
	readonly options: RestoreOptions;
	readonly replaced: string;
	readonly swappedAt: string;
	readonly swapTransaction: string;
}

/** Written once: a later run would compare with what the restored database has become since. */
async function writeLost({ client, live, id }: OpenRestore, loss: Loss): Promise<LostRows> {
	const { store, manifest, options, replaced, swappedAt, swapTransaction } = loss;
	const { bucket } = options.location;
	const key = lostRowsKey(options.location, manifest.id, id).replace(/jsonl$/, 'json');
	const text = await store.readText({ bucket, key }, options.signal);
	const known = text === undefined ? undefined : lostRows.safeParse(parse(text));
	if (known?.success) return known.data;
	const target: PostgresConnection = { ...live, database: replaced };
	await allowConnections(client, replaced, true);
	try {
		const written = await exportLost(
			{ replaced: target, restored: live, store, manifest },
			{ ...options, restoreId: id, swappedAt, swapTransaction },
		);
		await store.putText({ bucket, key }, `${JSON.stringify(written)}\n`, options.signal);
		return written;
	} finally {
		await allowConnections(client, replaced, false);
	}
}

function parse(text: string): unknown {
	try {
		return JSON.parse(text) as unknown;
	} catch {
		return undefined;
	}
}
