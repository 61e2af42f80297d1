import { escapeLiteral } from 'pg';
import type { Clock } from '../support/clock';
import type { PostgresConnection } from '../support/postgres.client';
import { listTables, lockTables, prepareReading, type TableShape } from './content.client';
import { readDatabaseFacts } from './databaseFacts.client';
import { backupErrors } from './errors';
import { readIdentity } from './identity.client';
import { shareMigrationLock } from './migrationLock.client';
import type { DatabaseContent, DatabaseFacts, DatabaseLocale, Extension, RowHash, SourceIdentity } from './model';
import { readContent } from './readContent';
import { readExtensions, readSequences, type SequencePosition } from './sequences.client';
import { openSession, type Session } from './session.client';
import { sourceError } from './sourceError';
import { isOustedByReplay } from './standby.client';

/** One consistent view of the source, held open: it dies with the session that exported it. */
export interface Snapshot {
	/** What `pg_dump --snapshot` takes. */
	readonly name: string;
	/** ISO 8601, by the server's clock. */
	readonly takenAt: string;
	readonly source: SourceIdentity;
	readonly serverVersion: string;
	readonly serverMajor: number;
	readonly locale: DatabaseLocale;
	/** Bytes on the server's disk, indexes included. */
	readonly sizeBytes: number;
	readonly tables: readonly TableShape[];
	readonly rowHash: RowHash;
	readonly extensions: readonly Extension[];
	readonly database: DatabaseFacts;
	/** In `jobs` sessions of its own. */
	readContent(jobs: number, onRows: (rows: number) => void): Promise<DatabaseContent>;
	readSequences(): Promise<SequencePosition[]>;
	/**
	 * What really failed when something that read the snapshot did: a standby that goes on replaying ends every reader, pg_dump too, which
	 * does not say why; then BACKUP.STANDBY_CONFLICT, else the error that was given.
	 */
	explain(error: unknown): Promise<unknown>;
	close(): Promise<void>;
}

interface SnapshotOptions {
	readonly signal: AbortSignal;
	readonly clock: Clock;
	readonly lockWaitTimeoutSeconds: number;
}

/** hash_record_extended came with PostgreSQL 14. */
const RECORD_HASH_MAJOR = 14;

/**
 * Opens a repeatable-read, read-only transaction on the source and exports its snapshot.
 * @throws RunbookError BACKUP.SOURCE_UNREACHABLE, SOURCE_UNREADABLE, LOCK_TIMEOUT, MIGRATION_RUNS
 */
export async function openSnapshot(connection: PostgresConnection, options: SnapshotOptions): Promise<Snapshot> {
	const mapped = async <T>(action: () => Promise<T>): Promise<T> => {
		try {
			return await action();
		} catch (error) {
			throw sourceError(error, connection, options);
		}
	};
	const session = await mapped(async () => await openSession(connection, options.signal));
	try {
		const facts = await mapped(async () => await beginSnapshot(session, connection, options));
		const { name, tables, rowHash } = facts;
		const open = async (signal: AbortSignal): Promise<Session> =>
			await joinSnapshot(connection, name, { ...options, signal });
		return {
			...facts,
			readContent: async (jobs, onRows) =>
				await mapped(
					async () => await readContent({ tables, rowHash, jobs, signal: options.signal, open, onRows }),
				),
			readSequences: async () => await mapped(async () => await readSequences(session.client)),
			explain: async (error) =>
				(await isOustedByReplay(session, options))
					? backupErrors.STANDBY_CONFLICT({ database: connection.database }, error)
					: error,
			close: async () => await session.close(),
		};
	} catch (error) {
		await session.close();
		throw error;
	}
}

const BEGIN = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY';

async function joinSnapshot(connection: PostgresConnection, name: string, options: SnapshotOptions): Promise<Session> {
	const session = await openSession(connection, options.signal);
	try {
		await prepareReading(session.client, options.lockWaitTimeoutSeconds * 1000);
		await session.client.query(BEGIN);
		await session.client.query(`SET TRANSACTION SNAPSHOT ${escapeLiteral(name)}`);
		return session;
	} catch (error) {
		await session.close();
		throw error;
	}
}

type SnapshotFacts = Omit<Snapshot, 'readContent' | 'readSequences' | 'explain' | 'close'>;

async function beginSnapshot(
	{ client }: Session,
	{ database }: PostgresConnection,
	{ lockWaitTimeoutSeconds }: SnapshotOptions,
): Promise<SnapshotFacts> {
	await prepareReading(client, lockWaitTimeoutSeconds * 1000);
	// Once before: the first statement of the transaction takes its snapshot, and only then the lock.
	await shareMigrationLock(client, database);
	await client.query(BEGIN);
	await shareMigrationLock(client, database);
	const { rows } = await client.query<{
		name: string;
		takenAt: Date;
		version: string;
		versionNumber: number;
		encoding: string;
		collate: string;
		ctype: string;
		sizeBytes: string;
	}>(
		`SELECT pg_export_snapshot() AS name, now() AS "takenAt", current_setting('server_version') AS version,
		   current_setting('server_version_num')::int AS "versionNumber", pg_encoding_to_char(encoding) AS encoding,
		   datcollate AS collate, datctype AS ctype, pg_database_size(oid)::text AS "sizeBytes"
		 FROM pg_database WHERE datname = current_database()`,
	);
	const row = rows[0];
	if (!row) throw new Error('the server does not list the database that the session is in');
	// pg_dump locks the same tables a moment later: waiting here says clearly what it would wait for.
	await lockTables(client);
	const serverMajor = Math.floor(row.versionNumber / 10_000);
	return {
		name: row.name,
		takenAt: row.takenAt.toISOString(),
		source: await readIdentity(client),
		serverVersion: row.version,
		serverMajor,
		locale: { encoding: row.encoding, collate: row.collate, ctype: row.ctype },
		sizeBytes: Number(row.sizeBytes),
		tables: await listTables(client),
		rowHash: serverMajor >= RECORD_HASH_MAJOR ? 'record' : 'text',
		extensions: await readExtensions(client),
		database: await readDatabaseFacts(client),
	};
}
