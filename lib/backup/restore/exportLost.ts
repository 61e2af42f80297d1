import type { Client } from 'pg';
import type { PostgresConnection } from '../../support/postgres.client';
import { backupKeys } from '../backupKeys';
import { encrypt } from '../encryption/encryption';
import { prepareReading } from '../content.client';
import type { ArchiveStore, BackupLocation, BackupManifest, BackupRun, TableContent } from '../model';
import { readRestored } from '../scratch.client';
import { openSession } from '../session.client';
import { compareRows } from './compareRows';
import { readKeyedRows, readShape } from './lostRows.client';

/** What the replaced database holds and the restored one does not, written down for whoever reconciles it. */
export interface LostRows {
	/** JSON lines: a header, and for each table a line of its own and one for each row. */
	readonly key: string;
	readonly added: number;
	readonly changed: number;
	readonly removed: number;
	/** Tables that differ and could be told by counts only: without a primary key, or with another one. */
	readonly withoutKeys: readonly string[];
	/** Tables with more differences than are listed. */
	readonly truncated: readonly string[];
}

export interface ExportOptions extends Pick<BackupRun, 'signal' | 'jobs'> {
	readonly location: BackupLocation;
	readonly restoreId: string;
	/** The restored database's rows that are younger came after the swap. */
	readonly swapTransaction: string;
	readonly swappedAt: string;
	/** Of one table; more are counted and not listed. Absent: 100 000. */
	readonly mostRows?: number;
}

const MOST_ROWS = 100_000;
const LOCK_TIMEOUT_MS = 10_000;
const PIECE_LENGTH = 65_536;

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] extends readonly (infer Entry)[] ? Entry[] : T[Key] };

/** The object that the rows are written to. */
export function lostRowsKey({ prefix }: BackupLocation, backupId: string, restoreId: string): string {
	return backupKeys(prefix, backupId).manifest.replace(/\.manifest\.json$/, `.lost-${restoreId}.jsonl`);
}

/**
 * Streams the keys of all rows on which the replaced and the restored database differ into object storage. Tables whose hash is still the
 * backup's are not looked at twice. What belongs to an encrypted backup is encrypted for the same recipients. @throws the driver's or the store's error; nothing is published then
 */
export async function exportLost(
	{
		replaced,
		restored,
		store,
		manifest,
	}: {
		replaced: PostgresConnection;
		restored: PostgresConnection;
		store: ArchiveStore;
		manifest: BackupManifest;
	},
	options: ExportOptions,
): Promise<LostRows> {
	const { signal, location, restoreId } = options;
	const recipients = manifest.encryption?.recipients;
	const key = `${lostRowsKey(location, manifest.id, restoreId)}${recipients ? '.age' : ''}`;
	const found: Mutable<LostRows> = { key, added: 0, changed: 0, removed: 0, withoutKeys: [], truncated: [] };
	const [left, right] = [await openSession(replaced, signal), await openSession(restored, signal)];
	try {
		for (const { client } of [left, right]) {
			await prepareReading(client, LOCK_TIMEOUT_MS);
			await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
		}
		const { rowHash } = manifest;
		const onRows = (): void => undefined;
		const { tables } = await readRestored(replaced, { rowHash, jobs: options.jobs, signal, onRows });
		const work = { left: left.client, right: right.client, tables, manifest, found, options };
		const lines = encode(writeLines(work));
		const content = recipients ? encrypt(lines, recipients) : lines;
		await store.putStream({ bucket: location.bucket, key }, content, { expectedBytes: 1, signal });
		return found;
	} finally {
		await left.close();
		await right.close();
	}
}

interface Comparison {
	readonly left: Client;
	readonly right: Client;
	/** Of the replaced database; it is closed to everybody else. */
	readonly tables: readonly TableContent[];
	readonly manifest: BackupManifest;
	readonly found: Mutable<LostRows>;
	readonly options: ExportOptions;
}

async function* writeLines(work: Comparison): AsyncGenerator<string> {
	const { tables, manifest, options } = work;
	const { restoreId, swappedAt } = options;
	yield JSON.stringify({
		kind: 'header',
		restoreId,
		backupId: manifest.id,
		snapshotAt: manifest.snapshotAt,
		swappedAt,
	});
	const nameOf = ({ schema, name }: TableContent): string => JSON.stringify([schema, name]);
	const saved = new Map(manifest.tables.map((table) => [nameOf(table), table]));
	for (const table of tables) {
		options.signal.throwIfAborted();
		const before = saved.get(nameOf(table));
		if (before?.rows === table.rows && before?.hash === table.hash) continue;
		yield* writeTable(work, table, before?.rows ?? 0);
	}
	const now = new Set(tables.map(nameOf));
	for (const { schema, name, rows } of manifest.tables.filter((one) => !now.has(nameOf(one))))
		yield JSON.stringify({
			kind: 'table',
			table: `${schema}.${name}`,
			rowsInBackup: rows,
			rowsReplaced: 0,
			gone: true,
		});
}

async function* writeTable(
	{ left, right, found, options }: Comparison,
	table: TableContent,
	rowsInBackup: number,
): AsyncGenerator<string> {
	const name = `${table.schema}.${table.name}`;
	const [shape, other] = [await readShape(left, table), await readShape(right, table)];
	const isKeyed = shape !== undefined && shape.key.length > 0;
	const sameKey = isKeyed && (!other || JSON.stringify(other.key) === JSON.stringify(shape.key));
	yield JSON.stringify({ kind: 'table', table: name, rowsInBackup, rowsReplaced: table.rows, keys: sameKey });
	if (!sameKey) {
		found.withoutKeys.push(name);
		return;
	}
	// A migration may have added columns since: what both have is compared.
	const columns = other ? shape.columns.filter((column) => other.columns.includes(column)) : shape.columns;
	const olderThan = options.swapTransaction;
	const restored = other ? readKeyedRows(right, other, { columns, olderThan }) : none();
	const { mostRows = MOST_ROWS } = options;
	let listed = 0;
	for await (const { change, key } of compareRows(readKeyedRows(left, shape, { columns }), restored)) {
		found[change] += 1;
		listed += 1;
		// The key stays as Postgres wrote it: a bigint is more than JSON.parse can hold.
		if (listed <= mostRows)
			yield `${JSON.stringify({ kind: 'row', table: name, change }).slice(0, -1)},"key":${key}}`;
	}
	if (listed <= mostRows) return;
	found.truncated.push(name);
	yield JSON.stringify({ kind: 'truncated', table: name, differences: listed });
}

async function* none(): AsyncGenerator<never> {
	// A table that the backup has not: every row of it was added since.
}

/** In pieces that are worth a call. */
async function* encode(lines: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
	let piece = '';
	for await (const line of lines) {
		piece += `${line}\n`;
		if (piece.length < PIECE_LENGTH) continue;
		yield Buffer.from(piece);
		piece = '';
	}
	if (piece !== '') yield Buffer.from(piece);
}
