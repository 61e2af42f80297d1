import type { Client } from 'pg';
import type { Clock } from '../support/clock';

export interface Patience {
	/** Longest wait before a script, in milliseconds; after it the script is sent all the same, and its lock_timeout holds. */
	readonly patienceMs: number;
	readonly clock: Clock;
	readonly signal: AbortSignal;
	/** One line of progress, without secrets. */
	log(message: string): void;
}

/** A transaction that is older holds its tables for a while yet; a younger one is over in a moment. */
const LONG_MS = 100;
const LOOK_EVERY_MS = 100;

/** Asked first, for it costs a sixth of the other one: whether anybody at all holds a table that is not the server's own. */
const ANY_HOLDER = `SELECT 1 FROM pg_locks l WHERE l.locktype = 'relation' AND l.granted AND l.pid <> pg_backend_pid()
	AND l.relation >= 16384 LIMIT 1`;

/** Autovacuum lets go by itself when somebody waits for its table. */
const HOLDER = `SELECT l.pid, n.nspname || '.' || c.relname AS table FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
	JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_stat_activity a ON a.pid = l.pid
	WHERE l.locktype = 'relation' AND l.granted AND l.pid <> pg_backend_pid() AND a.backend_type = 'client backend'
		AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
		AND n.nspname || '.' || c.relname = ANY ($1) AND a.xact_start < clock_timestamp() - make_interval(secs => $2::float / 1000)
	LIMIT 1`;

/**
 * Waits, without standing in the queue for a lock, until no long transaction holds one of the tables: whoever stands in that queue keeps every
 * reader behind it waiting. Sees sessions of other roles only with the rights of pg_read_all_stats; without them it does not wait.
 * @throws the signal's reason; the driver's error when the session is lost
 */
export async function waitForTables(
	client: Client,
	tables: readonly string[],
	{ patienceMs, clock, signal, log }: Patience,
): Promise<void> {
	if (tables.length === 0 || (await client.query(ANY_HOLDER)).rowCount === 0) return;
	const deadline = clock.monotonicMs() + patienceMs;
	let isTold = false;
	while (clock.monotonicMs() < deadline) {
		const { rows } = await client.query<{ pid: number; table: string }>(HOLDER, [tables, LONG_MS]);
		const [holder] = rows;
		if (!holder) return;
		if (!isTold) log(`waiting until process ${holder.pid} lets go of ${holder.table}`);
		isTold = true;
		await clock.sleep(LOOK_EVERY_MS, signal);
	}
}
