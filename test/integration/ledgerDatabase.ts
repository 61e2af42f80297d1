import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client, QueryResultRow } from 'pg';
import { openLedger } from '../../lib/release/ledger.client';
import type { Ledger, NewRelease } from '../../lib/release/ledger';
import type { Release } from '../../lib/release/model';
import type { Step } from '../../lib/release/recordStep';
import { connectPostgres, type PostgresConnection } from '../../lib/support/postgres.client';
import { newRelease } from '../support/memoryLedger';
import { sandboxEndpoints } from '../support/sandboxEndpoints';

export const ROLL_BACK = { reason: 'errors', intent: 'rollBack' as const };
export const START = { inputHash: 'hash', inverse: null };
export const PASSED = { state: 'passed' as const, result: { applied: 1 }, evidence: null, error: null };

export interface Lock {
	readonly holder: string | null;
	readonly token: number;
	readonly heartbeatAt: Date | null;
}

/** A database of its own for a test file, with as many opened ledgers as n8n processes would hold. */
export class LedgerDatabase {
	readonly name = `ledger_${randomBytes(4).toString('hex')}`;
	/** Each test has an environment of its own, and so a lock of its own. */
	environment = '';
	ledgers: Ledger[] = [];
	#sql: Client | undefined;
	#environments = 0;

	get superuser(): PostgresConnection {
		return { ...sandboxEndpoints().postgres, ssl: 'disable' };
	}

	get connection(): PostgresConnection {
		return { ...this.superuser, database: this.name };
	}

	get ledger(): Ledger {
		return this.ledgers[0]!;
	}

	/** The database as somebody with `psql` sees it. */
	get sql(): Client {
		return this.#sql!;
	}

	async create(): Promise<void> {
		await this.#asSuperuser(`CREATE DATABASE ${this.name}`);
		this.#sql = await connectPostgres(this.connection);
	}

	/** Opens the ledger so many times in the same instant. */
	async open(count: number): Promise<void> {
		const opened = Array.from({ length: count }, async () => await openLedger(this.connection));
		this.ledgers.push(...(await Promise.all(opened)));
	}

	async close({ keep }: { keep: boolean }): Promise<void> {
		await Promise.all(this.ledgers.map(async (one) => await one.close()));
		await this.#sql?.end();
		if (!keep) await this.#asSuperuser(`DROP DATABASE ${this.name} WITH (FORCE)`);
	}

	nextEnvironment(): void {
		this.#environments += 1;
		this.environment = `environment-${this.#environments}`;
	}

	async rows<Row extends QueryResultRow>(text: string, values: unknown[] = []): Promise<Row[]> {
		return (await this.sql.query<Row>(text, values)).rows;
	}

	wanted(change: Partial<NewRelease> = {}): NewRelease {
		const unique = randomBytes(3).toString('hex');
		const id = `r-${this.environment}-${unique}`;
		const images = [{ workload: 'backend', image: `registry.example.com/backend@sha256:${'a'.repeat(64)}` }];
		const version = `2026.11.23-${unique}`;
		const facts = { id, environment: this.environment, version, commit: '4f9c2a1', images };
		return newRelease({ ...facts, startedBy: "O'Hara; --", authors: ['a "b"'], executionId: id, ...change });
	}

	async begin(change: Partial<NewRelease> = {}): Promise<Release> {
		const { release, outcome } = await this.ledger.beginRelease(this.wanted(change));
		expect(outcome).toBe('started');
		return release;
	}

	/** Records a step that passed. */
	async pass(release: Release, stepKey: string): Promise<void> {
		const step = stepOf(release, { stepKey });
		await this.ledger.startStep(step, START);
		await this.ledger.finishStep(step, PASSED);
	}

	async lock(name = this.environment): Promise<Lock | undefined> {
		const text = `SELECT holder, token::int, heartbeat_at AS "heartbeatAt" FROM deployment_runbook.environment WHERE name = $1`;
		return (await this.rows<Lock & QueryResultRow>(text, [name]))[0];
	}

	/** The holder's last sign of life was so many seconds ago. */
	async silence(seconds: number): Promise<void> {
		await this.sql.query(
			"UPDATE deployment_runbook.environment SET heartbeat_at = now() - $2 * interval '1 second' WHERE name = $1",
			[this.environment, seconds],
		);
	}

	/** Every row of the environment under test and of its releases. */
	async everything(): Promise<unknown> {
		const of = `release_id IN (SELECT id FROM deployment_runbook.release WHERE environment = $1)`;
		const table = async (text: string): Promise<unknown> =>
			await this.rows(`SELECT * FROM deployment_runbook.${text}`, [this.environment]);
		return [
			await table('environment WHERE name = $1'),
			await table('release WHERE environment = $1 ORDER BY id'),
			await table(`step WHERE ${of} ORDER BY release_id, step_key, item_key`),
			await table(`sample WHERE ${of} ORDER BY taken_at`),
			await table(`gate WHERE ${of} ORDER BY gate`),
			await table(`event WHERE ${of} ORDER BY release_id, sequence`),
		];
	}

	/** Waits until one session on the database waits for another one's lock; its process id. */
	async lockWaiter(client = this.sql): Promise<number> {
		for (let round = 0; round < 500; round += 1) {
			const text = `SELECT pid FROM pg_stat_activity WHERE datname = $1 AND wait_event_type = 'Lock'`;
			const waiting = (await client.query<{ pid: number }>(text, [this.name])).rows[0];
			if (waiting) return waiting.pid;
			await delay(10);
		}
		throw new Error('nobody waits for a lock');
	}

	async #asSuperuser(statement: string): Promise<void> {
		const client = await connectPostgres(this.superuser);
		await client.query(statement);
		await client.end();
	}
}

/** A ledger database for the tests of one file; dropped when they pass, kept to be looked at when one fails. */
export function useLedgerDatabase(ledgers: number): LedgerDatabase {
	const database = new LedgerDatabase();
	let passed = true;
	beforeAll(async () => {
		await database.create();
		await database.open(ledgers);
	});
	beforeEach(() => database.nextEnvironment());
	afterEach(() => {
		if (expect.getState().numPassingAsserts !== expect.getState().assertionCalls) passed = false;
	});
	afterAll(async () => await database.close({ keep: !passed }));
	return database;
}

export function stepOf(release: Release, change: Partial<Step> = {}): Step {
	const kind = 'observe' as const;
	return { release, stepKey: '1.1/check-http', itemKey: '', kind, inputs: null, requires: [], ...change };
}

/** How a promise ended, for what may go either way. */
export async function outcomeOf(act: Promise<unknown>): Promise<unknown> {
	return await act.then(
		() => 'written',
		(error: unknown) => error,
	);
}
