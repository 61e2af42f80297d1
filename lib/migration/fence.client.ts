import { escapeLiteral, type Client } from 'pg';
import { migrationErrors } from './errors';
import type { DatabaseIdentity, LockHolder, Migration, MigrationFence } from './model';
import { waitUntilGone } from './pinnedSession.client';
import { fieldOf, isSqlState, problemOf } from './sqlState';

/**
 * `fence`: the highest token that was here, and the session that migrates under it. `migration_script`: which release sent a script,
 * and whether its transaction was committed; its id is that of the script's row in `_prisma_migrations`.
 */
const DEFINITION = `CREATE SCHEMA IF NOT EXISTS deployment_runbook;
CREATE TABLE IF NOT EXISTS deployment_runbook.fence (
	environment text PRIMARY KEY, token bigint NOT NULL, release_id text NOT NULL, raised_at timestamptz NOT NULL,
	session_token bigint, session_pid integer, session_started_at timestamptz
);
CREATE TABLE IF NOT EXISTS deployment_runbook.migration_script (
	id text PRIMARY KEY, environment text NOT NULL, release_id text NOT NULL, migration text NOT NULL,
	is_atomic boolean NOT NULL, sent_at timestamptz NOT NULL, committed_at timestamptz
)`;

/** Not created with IF NOT EXISTS straight away: Postgres asks for the right to create even where nothing is missing. */
const MISSING =
	"SELECT to_regclass('deployment_runbook.fence') IS NULL OR to_regclass('deployment_runbook.migration_script') IS NULL AS missing";

/**
 * Raises the fence in the target database to this release's token.
 * @throws RunbookError MIGRATION.FENCED_OUT when a newer holder was here, FENCE_UNAVAILABLE
 */
export async function raiseFence(client: Client, fence: MigrationFence, database: DatabaseIdentity): Promise<void> {
	try {
		if (await isFenceMissing(client)) await createFence(client);
		await client.query(fenceStatement(fence));
	} catch (error) {
		if (isFencedOut(error)) throw await explainFencedOut(client, { fence, database: database.name });
		if (!isSqlState(error, '42', '25006')) throw error;
		const { name, user } = database;
		throw migrationErrors.FENCE_UNAVAILABLE({ database: name, user, problem: problemOf(error) });
	}
}

/** Names this session as the one that migrates; call it while the migration lock is held. */
export async function claimFence(client: Client, { environment, token }: MigrationFence): Promise<void> {
	await client.query(
		`UPDATE deployment_runbook.fence SET session_token = $2, session_pid = pg_backend_pid(),
			session_started_at = (SELECT backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid())
		 WHERE environment = $1`,
		[environment, token],
	);
}

const ASLEEP = `pg_stat_activity a JOIN deployment_runbook.fence f ON f.session_pid = a.pid AND f.session_started_at = a.backend_start
	WHERE f.environment = $1 AND f.session_token < $2 AND a.pid = $3 AND a.state LIKE 'idle%'`;

/** Whether the migration lock is held by a session of an older holder that runs nothing. Deploying ends it; until then it changes nothing. */
export async function isAsleep(
	client: Client,
	{ environment, token }: MigrationFence,
	{ pid }: LockHolder,
): Promise<boolean> {
	if (await isFenceMissing(client)) return false;
	return (await client.query(`SELECT 1 FROM ${ASLEEP}`, [environment, token, pid])).rowCount === 1;
}

/**
 * Ends the session that holds the migration lock when it belongs to an older holder of the environment and runs nothing: a process
 * that sleeps keeps its session, and with it the lock, for ever. True when it is gone. One that runs a script is left alone.
 */
export async function endFencedSession(
	client: Client,
	{ environment, token }: MigrationFence,
	{ pid }: LockHolder,
): Promise<boolean> {
	const { rowCount } = await client.query(`SELECT pg_terminate_backend(a.pid) FROM ${ASLEEP}`, [
		environment,
		token,
		pid,
	]);
	return rowCount === 1 && (await waitUntilGone(client, pid));
}

/**
 * Raises the fence. Where a higher token, or another release with the same one, is stored it has nothing to write: NOT NULL refuses
 * it, and with it the transaction.
 */
export function fenceStatement({ environment, release, token }: MigrationFence): string {
	return `INSERT INTO deployment_runbook.fence AS stored (environment, token, release_id, raised_at)
		VALUES (${escapeLiteral(environment)}, ${token}, ${escapeLiteral(release)}, clock_timestamp())
		ON CONFLICT (environment) DO UPDATE SET release_id = excluded.release_id, raised_at = excluded.raised_at,
			token = CASE WHEN stored.token < excluded.token OR (stored.token = excluded.token AND stored.release_id = excluded.release_id)
				THEN excluded.token END`;
}

/** Whether a statement was refused by the fence. */
export function isFencedOut(error: unknown): boolean {
	return (
		isSqlState(error, '23502') &&
		fieldOf(error, 'schema') === 'deployment_runbook' &&
		fieldOf(error, 'table') === 'fence'
	);
}

/** The refusal, when the fence holds a higher token than ours; undefined otherwise. */
export async function findNewerHolder(
	client: Client,
	{ fence, database }: { fence: MigrationFence; database: string },
): Promise<Error | undefined> {
	const newer = await client.query('SELECT 1 FROM deployment_runbook.fence WHERE environment = $1 AND token > $2', [
		fence.environment,
		fence.token,
	]);
	return newer.rowCount === 0 ? undefined : await explainFencedOut(client, { fence, database });
}

/** The refusal in words, with who holds the fence. */
export async function explainFencedOut(
	client: Client,
	{ fence, database }: { fence: MigrationFence; database: string },
): Promise<Error> {
	const { rows } = await client.query<{ token: string; release: string }>(
		'SELECT token::text, release_id AS release FROM deployment_runbook.fence WHERE environment = $1',
		[fence.environment],
	);
	const { token, release } = rows[0] ?? { token: 'a higher one', release: 'another release' };
	return migrationErrors.FENCED_OUT({
		database,
		stored: token,
		holder: release,
		release: fence.release,
		token: fence.token,
	});
}

/**
 * Notes, fenced and in one transaction with the engine's own note (`write`), that a script is about to be sent. Returns the note's id.
 * @throws the driver's error; `isFencedOut` tells the refusal
 */
export async function noteScript<T>(
	client: Client,
	{ fence, migration, write }: { fence: MigrationFence; migration: Migration; write(): Promise<T> },
): Promise<{ written: T; id: string }> {
	// Sent together: after the first that fails Postgres refuses the others, and its COMMIT rolls back.
	const [, , written, { rows }] = await Promise.all([
		client.query('BEGIN'),
		client.query(fenceStatement(fence)),
		write(),
		client.query<{ id: string }>(
			`INSERT INTO deployment_runbook.migration_script (id, environment, release_id, migration, is_atomic, sent_at)
			 SELECT id, $1, $2, migration_name, $4, clock_timestamp() FROM _prisma_migrations
			 WHERE migration_name = $3 AND finished_at IS NULL AND rolled_back_at IS NULL RETURNING id`,
			[fence.environment, fence.release, migration.name, migration.isAtomic],
		),
		client.query('COMMIT'),
	]);
	return { written, id: rows[0]?.id ?? '' };
}

/**
 * What is sent in front of a script, in its transaction: the fence, whose row it locks until the script's commit, and the note that it
 * was committed. Empty when the script has no transaction of its own. Short, since pg_stat_activity shows the first 1024 bytes only.
 */
export function scriptPrefix(
	{ environment, release, token }: MigrationFence,
	{ migration, id }: { migration: Migration; id: string },
): string {
	if (!migration.isAtomic) return '';
	const holder = escapeLiteral(release);
	return `UPDATE deployment_runbook.fence SET release_id = ${holder}, token = CASE WHEN token < ${token} OR (token = ${token} AND release_id = ${holder}) THEN ${token} END WHERE environment = ${escapeLiteral(environment)};
UPDATE deployment_runbook.migration_script SET committed_at = now() WHERE id = ${escapeLiteral(id)};
`;
}

/** True in a database that no release has migrated, and for a role that may not look into the schema. */
export async function isFenceMissing(client: Client): Promise<boolean> {
	try {
		return (await client.query<{ missing: boolean }>(MISSING)).rows[0]?.missing ?? true;
	} catch (error) {
		if (isSqlState(error, '42501')) return true;
		throw error;
	}
}

/** Two sessions may create it in the same moment: the second one finds it there. */
async function createFence(client: Client): Promise<void> {
	try {
		await client.query(DEFINITION);
	} catch (error) {
		if (!isSqlState(error, '23505', '42P06', '42P07')) throw error;
		await client.query(DEFINITION);
	}
}
