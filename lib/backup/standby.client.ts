import type { Client } from 'pg';
import type { PostgresConnection } from '../support/postgres.client';
import { prepareReading, TABLES } from './content.client';
import { describeReason } from './describeReason';
import { backupErrors } from './errors';
import { readIdentity } from './identity.client';
import { shareMigrationLock } from './migrationLock.client';
import type { BackupRun, SourceIdentity } from './model';
import { errorCode, openSession, type Session } from './session.client';

/** The address of a streaming standby; logins and databases are the primary's. */
export interface StandbyAddress {
	readonly host: string;
	readonly port: number;
}

/** Replay is seconds behind where all is well; a backup that would be of an hour ago is not the one that was asked for. */
const CATCH_UP_MS = 60_000;
const ASK_EVERY_MS = 200;
const LOCK_TIMEOUT_MS = 5000;
/** A standby that goes on replaying ends the readers in its way one after the other, within milliseconds. */
const OUSTED_WITHIN_MS = 1000;
/** Of the write-ahead log, as PostgreSQL is built everywhere; a segment's first page has the longer header. */
const PAGE_BYTES = 8192n;
const PAGE_HEADER_BYTES = 24n;
const SEGMENT_HEADER_BYTES = 40n;
const SMALLEST_SEGMENT_BYTES = 1024n * 1024n;

/**
 * Makes sure that the standby repeats this very primary and holds all that the primary had written by now, and keeps migrations from beginning
 * on the primary until the session that is returned is closed.
 * @throws RunbookError BACKUP.STANDBY_UNFIT, MIGRATION_RUNS; the driver's error of the primary
 */
export async function guardPrimary(
	primary: PostgresConnection,
	{ host, port }: StandbyAddress,
	{ signal, clock, log }: Pick<BackupRun, 'signal' | 'clock' | 'log'>,
): Promise<Session> {
	const session = await openSession(primary, signal);
	try {
		await prepareReading(session.client, LOCK_TIMEOUT_MS);
		await session.client.query('BEGIN READ ONLY');
		await shareMigrationLock(session.client, primary.database);
		const { rows } = await session.client.query<{ written: string }>(
			'SELECT pg_current_wal_insert_lsn()::text AS written',
		);
		const identity = await readIdentity(session.client);
		const unfit = (problem: string, cause?: unknown): Error =>
			backupErrors.STANDBY_UNFIT({ standby: `${host}:${port}`, problem }, cause);
		const standby = await openSession({ ...primary, host, port }, signal).catch((error: unknown) => {
			throw unfit(`it cannot be reached (${describeReason(error)})`, error);
		});
		try {
			const stranger = await findStranger(standby.client, identity);
			if (stranger !== '') throw unfit(stranger);
			const written = endOfLog(positionOf(rows[0]?.written ?? ''));
			const waitedMs = await waitForReplay(standby.client, written, { signal, clock });
			if (waitedMs === undefined) throw unfit(`it is more than ${CATCH_UP_MS / 1000} s behind`);
			const unlogged = await listUnlogged(standby.client);
			if (unlogged !== '') throw unfit(`a standby has no rows of unlogged tables: ${unlogged}`);
			log(`reading from the standby ${host}:${port}, which caught up in ${(waitedMs / 1000).toFixed(1)} s`);
		} finally {
			await standby.close();
		}
		return session;
	} catch (error) {
		await session.close();
		throw error;
	}
}

/** Whether the session, which holds the snapshot and a lock on every table, is ended by a recovery conflict (SQLSTATE 40001). */
export async function isOustedByReplay(
	{ client, endedBy }: Session,
	{ clock }: Pick<BackupRun, 'clock'>,
): Promise<boolean> {
	const until = clock.monotonicMs() + OUSTED_WITHIN_MS;
	while (clock.monotonicMs() < until) {
		const failure = await client.query('SELECT 1').then(
			() => undefined,
			(error: unknown) => errorCode(endedBy() ?? error) ?? 'unknown',
		);
		// 57014: whatever was asked is cancelled, since the backup is being ended.
		if (failure !== undefined && failure !== '57014') return failure === '40001';
		await clock.sleep(ASK_EVERY_MS);
	}
	return false;
}

/** Empty: it is a standby of that primary. */
async function findStranger(client: Client, primary: SourceIdentity): Promise<string> {
	const { rows } = await client.query<{ standby: boolean }>('SELECT pg_is_in_recovery() AS standby');
	if (rows[0]?.standby !== true) return 'it is no standby';
	const { systemIdentifier, databaseOid } = await readIdentity(client);
	const same = systemIdentifier === primary.systemIdentifier && databaseOid === primary.databaseOid;
	return same ? '' : 'it is a standby of another server';
}

/** Empty: there are none. */
async function listUnlogged(client: Client): Promise<string> {
	const { rows } = await client.query<{ name: string }>(
		`SELECT n.nspname || '.' || c.relname AS name ${TABLES} AND c.relpersistence = 'u' ORDER BY 1`,
	);
	return rows.map(({ name }) => name).join(', ');
}

/** How long it took, in milliseconds; undefined when it took too long. */
async function waitForReplay(
	client: Client,
	written: bigint,
	{ signal, clock }: Pick<BackupRun, 'signal' | 'clock'>,
): Promise<number | undefined> {
	const startedAt = clock.monotonicMs();
	for (;;) {
		const { rows } = await client.query<{ replayed: string }>(
			"SELECT coalesce(pg_last_wal_replay_lsn(), '0/0')::text AS replayed",
		);
		const waitedMs = clock.monotonicMs() - startedAt;
		if (positionOf(rows[0]?.replayed ?? '') >= written) return waitedMs;
		if (waitedMs > CATCH_UP_MS) return undefined;
		await clock.sleep(ASK_EVERY_MS, signal);
	}
}

/** Bytes of the write-ahead log before that place, e.g. of `16/B374D848`. */
export function positionOf(lsn: string): bigint {
	const [high = '0', low = '0'] = lsn.split('/');
	return (BigInt(`0x${high}`) << 32n) + BigInt(`0x${low}`);
}

/**
 * Where the last record ends when the next one would begin at `next`. Behind a page's header nothing was written yet: a standby never gets
 * past the page before until something is.
 */
export function endOfLog(next: bigint): bigint {
	const inPage = next % PAGE_BYTES;
	const isHeader = inPage === PAGE_HEADER_BYTES || next % SMALLEST_SEGMENT_BYTES === SEGMENT_HEADER_BYTES;
	return isHeader ? next - inPage : next;
}
