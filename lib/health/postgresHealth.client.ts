import { z } from 'zod';
import { connectPostgres, type PostgresConnection } from '../support/postgres.client';
import { withTimeout } from '../support/withTimeout';
import type { PostgresFacts } from './assessPostgres';

/** The standbys, what a standby follows, and the row of pg_stat_database that operators look at. */
const FACTS = `
	SELECT version() AS version,
		current_timestamp AS now,
		(SELECT count(*)::int FROM pg_stat_activity WHERE backend_type = 'client backend') AS connections_used,
		current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int AS connections_allowed,
		pg_is_in_recovery() AS in_recovery,
		current_setting('default_transaction_read_only') = 'on' AS read_only,
		(SELECT coalesce(json_agg(json_build_object('name', r.application_name, 'state', r.state, 'lagBytes', pg_wal_lsn_diff(
				CASE WHEN pg_is_in_recovery() THEN pg_last_wal_receive_lsn() ELSE pg_current_wal_lsn() END, r.replay_lsn))), '[]')
			FROM pg_stat_replication r LEFT JOIN pg_replication_slots s ON s.active_pid = r.pid
			WHERE s.slot_type IS DISTINCT FROM 'logical' AND r.state IS DISTINCT FROM 'backup') AS standbys,
		CASE WHEN pg_is_in_recovery() THEN json_build_object(
			'receives', EXISTS (SELECT 1 FROM pg_stat_wal_receiver WHERE pid IS NOT NULL),
			'lagBytes', pg_wal_lsn_diff(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())) END AS following,
		(SELECT json_build_object('database', datname, 'backends', numbackends, 'commits', xact_commit, 'rollbacks', xact_rollback,
				'tuplesReturned', tup_returned, 'tuplesFetched', tup_fetched)
			FROM pg_stat_database WHERE datname = current_database()) AS activity`;

const factsRow = z.object({
	version: z.string(),
	now: z.date(),
	connections_used: z.number(),
	connections_allowed: z.number(),
	in_recovery: z.boolean(),
	read_only: z.boolean(),
	standbys: z.array(
		z.object({ name: z.string().nullable(), state: z.string().nullable(), lagBytes: z.number().nullable() }),
	),
	following: z.object({ receives: z.boolean(), lagBytes: z.number().nullable() }).nullable(),
	activity: z.object({
		database: z.string(),
		backends: z.number(),
		commits: z.number(),
		rollbacks: z.number(),
		tuplesReturned: z.number(),
		tuplesFetched: z.number(),
	}),
});

/** What the server says of itself, over a session of its own. @throws the driver's error, a TimeoutError after `timeoutMs`, or the signal's reason. */
export async function readPostgresFacts(
	connection: PostgresConnection,
	{ timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal },
): Promise<PostgresFacts> {
	const session = connectPostgres(connection, undefined, { connectTimeoutMs: timeoutMs });
	const ended = session.then(async (client) => {
		try {
			return await client.query(FACTS);
		} finally {
			await client.end();
		}
	});
	// After an abort nobody awaits it any more; it ends by the driver's own connect timeout or with the session below.
	ended.catch(() => undefined);
	const { rows } = await Promise.race([ended, aborted(withTimeout(signal, timeoutMs), session)]);
	const row = factsRow.parse(rows[0]);
	return {
		version: row.version,
		serverTime: row.now.toISOString(),
		connectionsUsed: row.connections_used,
		connectionsAllowed: row.connections_allowed,
		inRecovery: row.in_recovery,
		readOnly: row.read_only,
		standbys: row.standbys,
		following: row.following,
		activity: row.activity,
	};
}

async function aborted(signal: AbortSignal, session: ReturnType<typeof connectPostgres>): Promise<never> {
	return await new Promise<never>((_resolve, reject) => {
		const abort = (): void => {
			// A hung server never answers a polite end: the socket itself is dropped.
			session.then((client) => client.connection.stream.destroy()).catch(() => undefined);
			reject(signal.reason as Error);
		};
		if (signal.aborted) abort();
		else signal.addEventListener('abort', abort, { once: true });
	});
}
