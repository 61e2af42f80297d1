import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { inspect } from 'node:util';
import { openLedger } from '../../lib/release/ledger.client';
import { LedgerSession } from '../../lib/release/ledgerSession.client';
import { connectPostgres, type PostgresConnection } from '../../lib/support/postgres.client';
import { ROLL_BACK, START, outcomeOf, stepOf, useLedgerDatabase } from './ledgerDatabase';

const db = useLedgerDatabase(1);

describe('an unreachable ledger', () => {
	const PASSWORD = 'canary-s3cret-4711';

	async function refusal(change: Partial<PostgresConnection>): Promise<unknown> {
		const opened = openLedger({ ...db.connection, password: PASSWORD, ...change });
		return await opened.then(
			() => new Error('it opened'),
			(error: unknown) => error,
		);
	}

	async function freePort(): Promise<number> {
		const probe = createServer();
		await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
		const { port } = probe.address() as AddressInfo;
		await new Promise<void>((resolve) => void probe.close(() => resolve()));
		return port;
	}

	it.each<[string, () => Promise<Partial<PostgresConnection>>, RegExp]>([
		['nobody listens', async () => ({ port: await freePort() }), /ECONNREFUSED/],
		[
			'nobody listens on any address of the host',
			async () => ({ host: 'localhost', port: await freePort() }),
			/ECONNREFUSED/,
		],
		['the password is wrong', async () => ({}), /password authentication failed/],
		[
			'the database does not exist',
			async () => ({ database: 'nowhere', password: db.connection.password }),
			/does not exist/,
		],
	])('%s: says so, without the password', async (_, change, problem) => {
		const error = await refusal(await change());
		expect(error).toMatchObject({ code: 'RELEASE.LEDGER_UNREACHABLE', retryable: true });
		expect((error as Error).message).toMatch(problem);
		const text = inspect(error, { depth: 10, showHidden: true });
		expect(text).not.toContain(PASSWORD);
		expect(text).not.toContain(db.connection.password);
	});

	it('leaves no session behind when its tables may not be created', async () => {
		const role = `${db.name}_role`;
		await db.sql.query(`CREATE ROLE ${role} LOGIN PASSWORD '${PASSWORD}'`);
		try {
			expect(await refusal({ user: role })).toMatchObject({
				code: 'RELEASE.LEDGER_REFUSED',
				retryable: false,
				meta: { sqlstate: '42501' },
			});
			const left = async (): Promise<number> =>
				(await db.rows('SELECT 1 FROM pg_stat_activity WHERE usename = $1', [role])).length;
			for (let round = 0; round < 100 && (await left()) > 0; round += 1) await delay(10);
			expect(await left()).toBe(0);
		} finally {
			await db.sql.query(`DROP ROLE ${role}`);
		}
	});

	it('that only reads, as a standby does, is not called out of reach', async () => {
		const readOnly = { ...db.connection, database: `${db.name}_read_only` };
		await db.sql.query(`CREATE DATABASE ${readOnly.database} TEMPLATE template0`);
		try {
			await db.sql.query(`ALTER DATABASE ${readOnly.database} SET default_transaction_read_only = on`);
			expect(await refusal({ database: readOnly.database, password: db.connection.password })).toMatchObject({
				code: 'RELEASE.LEDGER_REFUSED',
				meta: { sqlstate: '25006' },
			});
		} finally {
			await db.sql.query(`DROP DATABASE ${readOnly.database} WITH (FORCE)`);
		}
	});

	it('a session that the server ends in the middle of a write is an error of that write, and the next one works', async () => {
		const release = await db.begin();
		const escaped: unknown[] = [];
		const listener = (error: unknown): void => void escaped.push(error);
		process.on('uncaughtException', listener);
		await db.sql.query('BEGIN');
		await db.sql.query('SELECT 1 FROM deployment_runbook.environment WHERE name = $1 FOR UPDATE', [db.environment]);
		const cut = expect(db.ledger.beginRelease(db.wanted())).rejects.toMatchObject({
			code: 'RELEASE.LEDGER_UNREACHABLE',
		});
		const terminate = await connectPostgres(db.superuser);
		const pid = await db.lockWaiter(terminate);
		await terminate.query('SELECT pg_terminate_backend($1)', [pid]);
		await terminate.end();
		await cut;
		await db.sql.query('COMMIT');
		await delay(50);
		process.off('uncaughtException', listener);
		expect(escaped).toEqual([]);
		expect(await db.ledger.beginRelease(db.wanted())).toEqual({ release, outcome: 'locked' });
	});
});

describe('a holder that is frozen in the middle of a write', () => {
	it('is ended by the server after half a minute, so that a rollback does not wait for it for ever', async () => {
		const session = new LedgerSession(db.connection);
		try {
			const [inside] = await session.transaction(
				async (client) => (await client.query('SHOW idle_in_transaction_session_timeout')).rows as unknown[],
			);
			expect(inside).toEqual({ idle_in_transaction_session_timeout: '30s' });
			// The setting is the transaction's own: the pool's sessions are left as they were.
			expect(await session.query('SHOW idle_in_transaction_session_timeout')).toEqual([
				{ idle_in_transaction_session_timeout: '0' },
			]);
		} finally {
			await session.close();
		}
	});

	it('lets the takeover through once its session has ended, and is refused when it wakes', async () => {
		const old = await db.begin();
		const frozen = await connectPostgres(db.connection);
		await frozen.query('BEGIN; SET LOCAL idle_in_transaction_session_timeout = 200');
		await frozen.query('SELECT 1 FROM deployment_runbook.environment WHERE name = $1 FOR UPDATE', [db.environment]);
		const taken = await db.ledger.takeOver(old.id, ROLL_BACK);
		expect(taken.token).toBe(2);
		expect(await outcomeOf(frozen.query('COMMIT'))).toBeInstanceOf(Error);
		await expect(db.ledger.startStep(stepOf(old), START)).rejects.toMatchObject({ code: 'RELEASE.FENCED_OUT' });
		await frozen.end().catch(() => undefined);
	});
});
