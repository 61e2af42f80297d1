import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { DatabaseEndpoint } from './createDatabases.ts';

/** A place where releases of an environment are stopped. */
export interface HoldPoint {
	readonly environment: string;
	readonly stepKey: string;
	/** `before`: the step is about to be recorded as started, nothing happened yet. `after`: its act is done, its record is not. */
	readonly moment: 'before' | 'after';
}

/** Stops releases in the middle of a write to the ledger, so that n8n can be killed at exactly that place. */
export interface LedgerBarrier {
	/** From now on every session that comes to this point waits there. @throws when it is held already. */
	holdAt(point: HoldPoint): Promise<void>;
	/** Resolves with the sessions (process ids of the server) that wait at the point, once there is one. @throws after `timeoutMs`, 60 s unless said. */
	waitUntilHeld(point: HoldPoint, timeoutMs?: number): Promise<readonly number[]>;
	/** Lets everybody at the point go on, and holds nobody there any more. */
	release(point: HoldPoint): Promise<void>;
	/**
	 * Ends the sessions that wait at the point, then lets it go: the write of a client that was killed is never committed.
	 * Resolves with how many were ended.
	 */
	dropHeld(point: HoldPoint): Promise<number>;
	/** Lets everybody go and takes the barrier out of the ledger. */
	remove(): Promise<void>;
}

/** First key of the barrier's advisory locks; the second is the id of the point. */
const lockClass = 724_501;
const pollMs = 50;
const endTimeoutMs = 10_000;

const removal = 'DROP SCHEMA IF EXISTS sandbox_barrier CASCADE';
const schema = `
BEGIN;
${removal};
CREATE SCHEMA sandbox_barrier;
CREATE TABLE sandbox_barrier.point (
	id          integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	environment text NOT NULL,
	step_key    text NOT NULL,
	moment      text NOT NULL,
	UNIQUE (environment, step_key, moment)
);
CREATE FUNCTION sandbox_barrier.wait_at_point() RETURNS trigger LANGUAGE plpgsql SET lock_timeout = 0 AS $$
DECLARE
	held integer;
BEGIN
	SELECT point.id INTO held
	FROM sandbox_barrier.point JOIN deployment_runbook.release ON release.environment = point.environment
	WHERE release.id = NEW.release_id AND point.step_key = NEW.step_key
		AND point.moment = CASE NEW.state WHEN 'started' THEN 'before' ELSE 'after' END;
	IF FOUND THEN
		PERFORM pg_advisory_lock_shared(${lockClass}, held);
		PERFORM pg_advisory_unlock_shared(${lockClass}, held);
	END IF;
	RETURN NEW;
END
$$;
CREATE TRIGGER sandbox_barrier BEFORE INSERT OR UPDATE OF state ON deployment_runbook.step
	FOR EACH ROW EXECUTE FUNCTION sandbox_barrier.wait_at_point();
GRANT USAGE ON SCHEMA sandbox_barrier TO PUBLIC;
GRANT SELECT ON sandbox_barrier.point TO PUBLIC;
COMMIT;
`;

const pointIs = 'environment = $1 AND step_key = $2 AND moment = $3';
/** The exclusive lock is held before the row can be seen: nobody slips through. */
const place = `
WITH placed AS (
	INSERT INTO sandbox_barrier.point (environment, step_key, moment) VALUES ($1, $2, $3) RETURNING id
)
SELECT pg_advisory_lock(${lockClass}, id) FROM placed`;
const waiting = `
SELECT pid FROM pg_locks, sandbox_barrier.point
WHERE ${pointIs} AND locktype = 'advisory' AND classid = ${lockClass} AND objid = point.id::oid AND objsubid = 2 AND NOT granted
	AND pg_locks.database = (SELECT oid FROM pg_database WHERE datname = current_database())`;

/**
 * Puts the barrier into an operations database that has the ledger's tables, as the owner of them; one that another process
 * left there is replaced. The points are held by the connection made here: should it end, everybody goes on.
 *
 * @throws when the database has no ledger yet.
 */
export async function installBarrier({
	host,
	port,
	database,
	user,
	password,
}: DatabaseEndpoint): Promise<LedgerBarrier> {
	const client = new pg.Client({ host, port, database, user, password, application_name: 'sandbox-barrier' });
	client.on('error', () => {});
	await client.connect();
	const query = async <Row extends object>(sql: string, values: readonly unknown[] = []): Promise<Row[]> =>
		(await client.query<Row>(sql, [...values])).rows;
	const keysOf = ({ environment, stepKey, moment }: HoldPoint) => [environment, stepKey, moment];

	async function readHeld(point: HoldPoint): Promise<number[]> {
		return (await query<{ pid: number }>(waiting, keysOf(point))).map(({ pid }) => pid);
	}

	async function release(point: HoldPoint): Promise<void> {
		const gone = await query<{ id: number }>(
			`DELETE FROM sandbox_barrier.point WHERE ${pointIs} RETURNING id`,
			keysOf(point),
		);
		if (!gone[0]) throw new Error(`nothing is held at ${describe(point)}`);
		await query(`SELECT pg_advisory_unlock(${lockClass}, $1)`, [gone[0].id]);
	}

	async function waitUntilHeld(point: HoldPoint, timeoutMs = 60_000): Promise<readonly number[]> {
		const deadline = performance.now() + timeoutMs;
		for (;;) {
			const held = await readHeld(point);
			if (held.length > 0) return held;
			if (performance.now() > deadline) throw new Error(`nobody came to ${describe(point)} in ${timeoutMs} ms`);
			await delay(pollMs);
		}
	}

	async function endHeld(point: HoldPoint): Promise<number> {
		const ended = new Set<number>();
		for (let held = await readHeld(point); held.length > 0; held = await readHeld(point)) {
			for (const pid of held) {
				const [answer] = await query<{ gone: boolean }>('SELECT pg_terminate_backend($1, $2) AS gone', [
					pid,
					endTimeoutMs,
				]);
				if (!answer?.gone) throw new Error(`session ${pid}, held at ${describe(point)}, did not end`);
				ended.add(pid);
			}
		}
		return ended.size;
	}

	try {
		await client.query(schema);
	} catch (error) {
		await client.end();
		throw error;
	}
	return {
		async holdAt(point) {
			await query(place, keysOf(point));
		},
		waitUntilHeld,
		release,
		async dropHeld(point) {
			const ended = await endHeld(point);
			await release(point);
			return ended;
		},
		async remove() {
			await query('SELECT pg_advisory_unlock_all()');
			await query(removal);
			await client.end();
		},
	};
}

function describe({ environment, stepKey, moment }: HoldPoint): string {
	return `${moment} ${stepKey} of ${environment}`;
}
