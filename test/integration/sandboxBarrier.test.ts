import { randomBytes } from 'node:crypto';
import type { Client } from 'pg';
import { openLedger } from '../../lib/release/ledger.client';
import { connectPostgres, type PostgresConnection } from '../../lib/support/postgres.client';
import { sandboxEndpoints } from '../support/sandboxEndpoints';

interface HoldPoint {
	readonly environment: string;
	readonly stepKey: string;
	readonly moment: 'before' | 'after';
}

/** What is used here of the sandbox, which is a TypeScript project of its own. */
interface LedgerBarrier {
	holdAt(point: HoldPoint): Promise<void>;
	waitUntilHeld(point: HoldPoint, timeoutMs?: number): Promise<readonly number[]>;
	release(point: HoldPoint): Promise<void>;
	dropHeld(point: HoldPoint): Promise<number>;
	remove(): Promise<void>;
}

const SANDBOX_FILE = '../../sandbox/ledgerBarrier.ts';
const DATABASE = `barrier_${randomBytes(4).toString('hex')}`;
let connection: PostgresConnection;
let barrier: LedgerBarrier;
let auditor: Client;

beforeAll(async () => {
	connection = { ...sandboxEndpoints().postgres, ssl: 'disable', database: DATABASE };
	await asSuperuser(`CREATE DATABASE ${DATABASE}`);
	await (await openLedger(connection)).close();
	auditor = await connectPostgres(connection);
	for (const environment of ['production', 'east']) {
		await auditor.query(
			`INSERT INTO deployment_runbook.release (id, environment, version, started_by, state) VALUES ($1, $1, '1', 'ci', 'running')`,
			[environment],
		);
	}
	barrier = await installBarrier();
});

afterAll(async () => {
	await barrier.remove();
	await auditor.end();
	await asSuperuser(`DROP DATABASE ${DATABASE} WITH (FORCE)`);
});

async function installBarrier(): Promise<LedgerBarrier> {
	const sandbox = (await import(SANDBOX_FILE)) as {
		installBarrier(database: PostgresConnection): Promise<LedgerBarrier>;
	};
	return await sandbox.installBarrier(connection);
}

async function asSuperuser(statement: string): Promise<void> {
	const client = await connectPostgres({ ...sandboxEndpoints().postgres, ssl: 'disable' });
	await client.query(statement);
	await client.end();
}

/** A write of n8n's, over a session of its own; `settled` says whether it came through. */
interface Write {
	readonly client: Client;
	readonly settled: Promise<'written' | 'refused'>;
}

async function write(environment: string, stepKey: string, state: string, itemKey = ''): Promise<Write> {
	const client = await connectPostgres(connection);
	const statement =
		state === 'started'
			? `INSERT INTO deployment_runbook.step (release_id, step_key, item_key, kind, state, input_hash, token)
			   VALUES ($1, $2, $4, 'change', $3, '', 1)
			   ON CONFLICT (release_id, step_key, item_key) DO UPDATE SET state = excluded.state`
			: 'UPDATE deployment_runbook.step SET state = $3 WHERE release_id = $1 AND step_key = $2 AND item_key = $4';
	const settled = client.query(statement, [environment, stepKey, state, itemKey]).then(
		() => 'written' as const,
		() => 'refused' as const,
	);
	return { client, settled };
}

async function writeAll(environment: string, stepKey: string, ...states: string[]): Promise<void> {
	for (const state of states) {
		const { client, settled } = await write(environment, stepKey, state);
		expect(await settled).toBe('written');
		await client.end();
	}
}

async function stateOf(environment: string, stepKey: string): Promise<string | undefined> {
	const sql = 'SELECT state FROM deployment_runbook.step WHERE release_id = $1 AND step_key = $2';
	return (await auditor.query<{ state: string }>(sql, [environment, stepKey])).rows[0]?.state;
}

describe('the barrier in the ledger', () => {
	test('holds a step before it is recorded as started, and lets it go on', async () => {
		const point: HoldPoint = { environment: 'production', stepKey: '2.2/deploy', moment: 'before' };
		await barrier.holdAt(point);
		const { client, settled } = await write('production', '2.2/deploy', 'started');
		expect(await barrier.waitUntilHeld(point)).toHaveLength(1);
		expect(await stateOf('production', '2.2/deploy')).toBeUndefined();
		await barrier.release(point);
		expect(await settled).toBe('written');
		expect(await stateOf('production', '2.2/deploy')).toBe('started');
		await writeAll('production', '2.2/deploy', 'passed');
		await client.end();
	});

	test('holds the record of a step whose act is done, not its start', async () => {
		const point: HoldPoint = { environment: 'production', stepKey: '3.2/switch-traffic', moment: 'after' };
		await barrier.holdAt(point);
		await writeAll('production', '3.2/switch-traffic', 'started');
		const { client, settled } = await write('production', '3.2/switch-traffic', 'failed');
		await barrier.waitUntilHeld(point);
		expect(await stateOf('production', '3.2/switch-traffic')).toBe('started');
		await barrier.release(point);
		expect(await settled).toBe('written');
		expect(await stateOf('production', '3.2/switch-traffic')).toBe('failed');
		await client.end();
	});

	test('holds a step that begins again', async () => {
		const point: HoldPoint = { environment: 'production', stepKey: '1.2/create-backup', moment: 'before' };
		await writeAll('production', '1.2/create-backup', 'started');
		await barrier.holdAt(point);
		const { client, settled } = await write('production', '1.2/create-backup', 'started');
		await barrier.waitUntilHeld(point);
		await barrier.release(point);
		expect(await settled).toBe('written');
		await client.end();
	});

	test('leaves other environments and other steps alone', async () => {
		const point: HoldPoint = { environment: 'production', stepKey: '1.1/check-http', moment: 'before' };
		await barrier.holdAt(point);
		await writeAll('east', '1.1/check-http', 'started', 'passed');
		await writeAll('production', '1.1/check-redis', 'started', 'passed');
		await expect(barrier.waitUntilHeld(point, 100)).rejects.toThrow(
			'nobody came to before 1.1/check-http of production in 100 ms',
		);
		await barrier.release(point);
		await writeAll('production', '1.1/check-http', 'started', 'passed');
	});

	test.each(['before', 'after'] as const)(
		'never commits what a killed client had under way %s the act',
		async (moment) => {
			const stepKey = `3.1/${moment}`;
			const point: HoldPoint = { environment: 'east', stepKey, moment };
			if (moment === 'after') await writeAll('east', stepKey, 'started');
			await barrier.holdAt(point);
			const killed = await write('east', stepKey, moment === 'before' ? 'started' : 'passed');
			const [pid] = await barrier.waitUntilHeld(point);
			// A killed process takes its socket along without a word to the server, which goes on with the statement.
			(killed.client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
			expect(await killed.settled).toBe('refused');
			expect(await barrier.waitUntilHeld(point)).toEqual([pid]);
			expect(await barrier.dropHeld(point)).toBe(1);
			expect(await stateOf('east', stepKey)).toBe(moment === 'before' ? undefined : 'started');
			await writeAll('east', stepKey, 'started', 'passed');
		},
	);

	test('drops every session that waits at the point', async () => {
		const point: HoldPoint = { environment: 'east', stepKey: '3.1/deploy', moment: 'before' };
		await barrier.holdAt(point);
		const writes = [
			await write('east', '3.1/deploy', 'started', 'backend'),
			await write('east', '3.1/deploy', 'started', 'frontend'),
		];
		while ((await barrier.waitUntilHeld(point)).length < writes.length);
		expect(await barrier.dropHeld(point)).toBe(2);
		expect(await Promise.all(writes.map(async ({ settled }) => await settled))).toEqual(['refused', 'refused']);
		expect(await stateOf('east', '3.1/deploy')).toBeUndefined();
	});

	test('says that a point is held already, or is not held', async () => {
		const point: HoldPoint = { environment: 'east', stepKey: '9/twice', moment: 'before' };
		await barrier.holdAt(point);
		await expect(barrier.holdAt(point)).rejects.toMatchObject({ code: '23505' });
		expect(await barrier.dropHeld(point)).toBe(0);
		await expect(barrier.release(point)).rejects.toThrow('nothing is held at before 9/twice of east');
	});

	test('lets everybody go when its own process ends', async () => {
		const other = await installBarrier();
		const point: HoldPoint = { environment: 'east', stepKey: '5/orphan', moment: 'before' };
		await other.holdAt(point);
		const { client, settled } = await write('east', '5/orphan', 'started');
		await other.waitUntilHeld(point);
		await auditor.query(
			`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'sandbox-barrier' AND datname = $1`,
			[DATABASE],
		);
		expect(await settled).toBe('written');
		await client.end();
		barrier = await installBarrier();
	});
});
