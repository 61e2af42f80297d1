import { escapeIdentifier, escapeLiteral, type Client } from 'pg';
import type { NamedDatabase, RestoreNote, SwapNames } from './model';
import { parseNote, writeNote } from './restoreNote';

/** The databases that exist under these names. */
export async function readDatabases(client: Client, names: readonly string[]): Promise<NamedDatabase[]> {
	const { rows } = await client.query<{
		name: string;
		oid: string;
		owner: string;
		isOurs: boolean;
		allowsConnections: boolean;
		comment: string | null;
	}>(
		`SELECT datname AS name, oid::text AS oid, pg_get_userbyid(datdba) AS owner, pg_has_role(datdba, 'USAGE') AS "isOurs",
			datallowconn AS "allowsConnections", shobj_description(oid, 'pg_database') AS comment
		 FROM pg_database WHERE datname = ANY ($1) ORDER BY datname`,
		[names],
	);
	return rows.map(({ comment, oid, ...rest }) => {
		const note = parseNote(comment);
		return { ...rest, oid: Number(oid), ...(note ? { note, comment: null } : { comment }) };
	});
}

/** Takes the lock that two restores of one database meet at; it is held until the session ends. False when another session has it. */
export async function lockRestores(client: Client, database: string): Promise<boolean> {
	const { rows } = await client.query<{ locked: boolean }>(
		"SELECT pg_try_advisory_lock(hashtextextended('deployment_runbook restore ' || $1, 0)) AS locked",
		[database],
	);
	return rows[0]?.locked === true;
}

/** The server's clock, ISO 8601. */
export async function readServerTime(client: Client): Promise<string> {
	const { rows } = await client.query<{ now: Date }>('SELECT clock_timestamp() AS now');
	return (rows[0]?.now ?? new Date(Number.NaN)).toISOString();
}

/** Whether anybody may open a session in it; where not, a superuser may not either. */
export async function allowConnections(client: Client, name: string, allowed: boolean): Promise<void> {
	await client.query(`ALTER DATABASE ${escapeIdentifier(name)} ALLOW_CONNECTIONS ${allowed}`);
}

/** Asks every session in it to end. Autovacuum is left out: a rename sends it away by itself, and ending it wants a superuser. */
export async function endSessions(client: Client, name: string): Promise<void> {
	await client.query(
		"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND backend_type NOT LIKE 'autovacuum%'",
		[name],
	);
}

export async function dropDatabase(client: Client, name: string): Promise<void> {
	await endSessions(client, name);
	await client.query(`DROP DATABASE IF EXISTS ${escapeIdentifier(name)}`);
}

export async function setComment(client: Client, name: string, comment: string | null): Promise<void> {
	const text = comment === null ? 'NULL' : escapeLiteral(comment);
	await client.query(`COMMENT ON DATABASE ${escapeIdentifier(name)} IS ${text}`);
}

/** Everything that one transaction of a swap does: the outgoing database gets a note, the incoming one the comment of its place. */
export interface Renames {
	/** Serves now under the name `live`. */
	readonly outgoing: { readonly to: string; note(at: { time: string; transaction: string }): RestoreNote };
	/** Gets the name `live`. */
	readonly incoming: { readonly from: string; readonly comment: string | null };
}

/**
 * Renames both in one transaction and closes the outgoing one: either the incoming database serves, or nothing has changed. The first rename
 * locks the name, so that nobody new comes in, and waits five seconds for the sessions that are there. Returns the server's time.
 * @throws the driver's error; 55006 when a session or a prepared transaction is left
 */
export async function renameBoth(client: Client, live: string, { outgoing, incoming }: Renames): Promise<string> {
	const rename = async (from: string, to: string): Promise<void> => {
		await client.query(`ALTER DATABASE ${escapeIdentifier(from)} RENAME TO ${escapeIdentifier(to)}`);
	};
	await client.query('BEGIN');
	try {
		// A process that vanished without closing its socket must not leave the name locked.
		await client.query("SET LOCAL idle_in_transaction_session_timeout = '10s'");
		await client.query("SET LOCAL lock_timeout = '10s'");
		const { rows } = await client.query<{ time: Date; transaction: string }>(
			'SELECT clock_timestamp() AS time, pg_current_xact_id()::text AS transaction',
		);
		const { time = new Date(Number.NaN), transaction = '' } = rows[0] ?? {};
		await rename(live, outgoing.to);
		await rename(incoming.from, live);
		await setComment(client, outgoing.to, writeNote(outgoing.note({ time: time.toISOString(), transaction })));
		await setComment(client, live, incoming.comment);
		await allowConnections(client, outgoing.to, false);
		await allowConnections(client, live, true);
		await client.query('COMMIT');
		return time.toISOString();
	} catch (error) {
		await client.query('ROLLBACK').catch(() => undefined);
		throw error;
	}
}

/** The three names of a restore, for `readDatabases`. */
export function allNames({ live, restored, broken }: SwapNames): string[] {
	return [live, restored, broken];
}
