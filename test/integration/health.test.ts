import { spawn, type ChildProcess } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ICredentialDataDecryptedObject } from 'n8n-workflow';
import { Redis } from 'ioredis';
import { Client } from 'pg';
import { HealthCheck } from '../../nodes/HealthCheck/HealthCheck.node';
import { fakeExecuteContext } from '../support/fakeExecuteContext';
import { startServer, startStandby, type TestServer } from '../support/startServers';
import { sandboxEndpoints } from '../support/sandboxEndpoints';

const endpoints = sandboxEndpoints();
const OUTPUTS = ['inconclusive', 'failed', 'passed'];

interface Health {
	readonly verdict: string;
	readonly targets: ReadonlyArray<{
		readonly reason: string;
		readonly facts?: Readonly<Record<string, unknown>> | null;
	}>;
}

/** Runs the node as n8n would; the output is the verdict's. No password may be in what it gives or logs. */
async function check(
	parameters: object,
	credentials: Record<string, ICredentialDataDecryptedObject> = {},
): Promise<Health> {
	const { context, logged } = fakeExecuteContext({ parameters: { timeoutSeconds: 5, ...parameters }, credentials });
	const outputs = await new HealthCheck().execute.call(context);
	const output = outputs.findIndex((items) => items.length > 0);
	const health = outputs[output]?.[0]?.json.health as unknown as Health;
	expect(OUTPUTS[output]).toBe(health.verdict);
	for (const { password } of Object.values(credentials)) {
		if (typeof password === 'string' && password !== '')
			expect(JSON.stringify(outputs) + logged.join()).not.toContain(password);
	}
	return health;
}

describe('http', () => {
	it('both applications of the sandbox are healthy', async () => {
		const targets = [
			{
				name: 'backend',
				url: `${endpoints.services.backend}/health`,
				jsonAssertions: [{ path: 'checks.database', equals: 'ok' }],
			},
			{ name: 'frontend', url: `${endpoints.services.frontend}/api/health`, expectJson: true },
		];
		const health = await check({
			operation: 'http',
			targets,
			attempts: 3,
			required: 3,
			attemptIntervalSeconds: 0.1,
		});
		expect(health).toMatchObject({ verdict: 'passed', targets: [{ succeeded: 3 }, { succeeded: 3 }] });
	});

	it('a version that does not serve has failed', async () => {
		const targets = [{ name: 'backend', url: `${endpoints.services.backend}/health`, expectedVersion: '1999.1.1' }];
		const health = await check({ operation: 'http', targets, attempts: 1, required: 1, attemptIntervalSeconds: 0 });
		expect(health.targets[0]?.reason).toMatch(/^version is "\d{4}\..*", expected "1999\.1\.1"$/);
	});
});

describe('postgres', () => {
	const postgres = { ...endpoints.databases.production, ssl: 'disable' };
	const limits = {
		operation: 'postgres',
		connectionsUsedPercent: 90,
		allowReadOnly: false,
		leastStandbys: 0,
		replicationLagMebibytes: 0,
	};

	it('the production database is healthy and says who it is', async () => {
		const health = await check(limits, { postgres });
		expect(health).toMatchObject({
			verdict: 'passed',
			targets: [{ facts: { version: expect.stringMatching(/^PostgreSQL/), inRecovery: false, readOnly: false } }],
		});
	});

	it('shows the row of pg_stat_database', async () => {
		const health = await check(limits, { postgres });
		expect(health.targets[0]?.facts?.activity).toEqual({
			database: postgres.database,
			backends: expect.any(Number),
			commits: expect.any(Number),
			rollbacks: expect.any(Number),
			tuplesReturned: expect.any(Number),
			tuplesFetched: expect.any(Number),
		});
	});

	it('a standby that is not there has failed', async () => {
		const health = await check({ ...limits, leastStandbys: 1 }, { postgres });
		expect(health).toMatchObject({
			verdict: 'failed',
			targets: [{ reason: '0 standbys are connected, at least 1 are wanted' }],
		});
	});

	it('a standby is seen, how far it lags, and that it replays no more', async () => {
		const folder = await mkdtemp(path.join(tmpdir(), 'health-standby-'));
		await chmod(folder, 0o755);
		const primary = await startServer({ directory: path.join(folder, 'primary') });
		const standby = await startStandby(primary, {
			directory: path.join(folder, 'standby'),
			application: 'standby',
		});
		const of = ({ host, port, user, password }: TestServer) => ({
			postgres: { host, port, user, password, database: 'postgres', ssl: 'disable' },
		});
		const lag = { ...limits, leastStandbys: 1, replicationLagMebibytes: 1 };
		const own = { ...limits, allowReadOnly: true, replicationLagMebibytes: 1 };
		const run = async (server: TestServer, sql: string): Promise<void> => {
			const client = new Client({ ...of(server).postgres, ssl: false });
			await client.connect();
			await client.query(sql);
			await client.end();
		};
		try {
			const followed = async (server: TestServer, parameters: object, verdict: string): Promise<Health> => {
				for (let tries = 0; tries < 100; tries++) {
					const health = await check(parameters, of(server));
					if (health.verdict === verdict) return health;
					await delay(100);
				}
				return await check(parameters, of(server));
			};
			expect((await followed(primary, lag, 'passed')).targets[0]?.facts).toMatchObject({
				standbys: [{ name: 'standby', state: 'streaming', lagBytes: expect.any(Number) }],
			});
			expect(await followed(standby, own, 'passed')).toMatchObject({ verdict: 'passed' });
			await run(standby, 'SELECT pg_wal_replay_pause()');
			await run(primary, "CREATE TABLE filler AS SELECT repeat('x', 1000) FROM generate_series(1, 10000)");
			for (const [server, parameters] of [
				[primary, lag],
				[standby, own],
			] as const) {
				const health = await followed(server, parameters, 'failed');
				expect(health.targets[0]?.reason).toMatch(
					/^standby \w+ lags \d+ bytes behind, at most 1048576 are allowed$/,
				);
			}
		} finally {
			await standby.stop();
			await primary.stop();
			await rm(folder, { recursive: true, force: true });
		}
	}, 180_000);

	it.each([
		['a wrong password', { password: 'canary-wrong-4711' }, /password was refused \(SQLSTATE 28P01\)/],
		['a database that does not exist', { database: 'nowhere' }, /SQLSTATE 3D000|SQLSTATE 28/],
		['a server that is away', { port: 1 }, /connection refused/],
		['a server without TLS where it is asked for', { ssl: 'require' }, /did not complete the connection/],
	])('%s has failed', async (_name, change, reason) => {
		const health = await check(limits, { postgres: { ...postgres, ...change } });
		expect(health.verdict).toBe('failed');
		expect(health.targets[0]?.reason).toMatch(reason);
	});

	it('a host that does not resolve is inconclusive', async () => {
		expect(await check(limits, { postgres: { ...postgres, host: 'does-not-exist.invalid' } })).toMatchObject({
			verdict: 'inconclusive',
		});
	});

	it('a server that accepts and stays silent has failed in time', async () => {
		const silent = createServer((socket) => void socket.resume().on('error', () => undefined));
		await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
		const { port } = silent.address() as AddressInfo;
		const health = await check({ ...limits, timeoutSeconds: 0.5 }, { postgres: { ...postgres, port } });
		expect(health).toMatchObject({
			verdict: 'failed',
			targets: [{ reason: expect.stringMatching(/no answer in time|did not complete/) }],
		});
		await new Promise((resolve) => silent.close(resolve));
	});
});

describe('redis', () => {
	const redis = { ...endpoints.redis, user: '', database: 0, ssl: false };
	const memory = { operation: 'redis', memoryUsedPercent: 95, redisRole: 'any' };

	it('the sandbox’s server is healthy', async () => {
		const health = await check(memory, { redis });
		expect(health).toMatchObject({
			verdict: 'passed',
			targets: [{ reason: 'PONG from a master', facts: { ping: 'PONG', role: 'master' } }],
		});
		expect(health.targets[0]?.facts?.usedMemory).toBeGreaterThan(0);
	});

	it.each([
		['no password', { password: '' }, /NOAUTH/],
		['a wrong password', { password: 'canary-wrong-4711' }, /WRONGPASS/],
		['a database that does not exist', { database: 99 }, /not PONG/],
		['a server that is away', { port: 1 }, /connection refused/],
		['a server without TLS where it is asked for', { ssl: true }, /TLS|closed|reset|in time/],
	])('%s has failed', async (_name, change, reason) => {
		const health = await check({ ...memory, timeoutSeconds: 2 }, { redis: { ...redis, ...change } });
		expect(health.verdict).toBe('failed');
		expect(health.targets[0]?.reason).toMatch(reason);
	});

	describe('a server of the test’s own', () => {
		let folder: string;
		const own = (port: number) => ({
			redis: { host: '127.0.0.1', port, password: '', user: '', database: 0, ssl: false },
		});
		beforeEach(async () => void (folder = await mkdtemp(path.join(tmpdir(), 'health-redis-'))));
		afterEach(async () => await rm(folder, { recursive: true }));

		it('a server that cannot save its data has failed, though it answers PONG', async () => {
			const data = path.join(folder, 'data');
			await mkdir(data);
			const { child, port } = await startRedis(data, []);
			const client = new Redis({ host: '127.0.0.1', port });
			try {
				expect(await check(memory, own(port))).toMatchObject({ verdict: 'passed' });
				await rm(data, { recursive: true });
				await client.bgsave();
				let health = await check(memory, own(port));
				for (let tries = 0; health.verdict === 'passed' && tries < 100; tries++) {
					await delay(50);
					health = await check(memory, own(port));
				}
				expect(health).toMatchObject({
					verdict: 'failed',
					targets: [{ reason: 'its last snapshot to disk failed' }],
				});
			} finally {
				client.disconnect();
				await stop(child);
			}
		});

		it.each([
			[
				'a replica without its master that serves stale data, and answers PONG',
				['--replicaof', '127.0.0.1', '1'],
				/link to its master is down/,
			],
			[
				'a replica without its master that serves none',
				['--replicaof', '127.0.0.1', '1', '--replica-serve-stale-data', 'no'],
				/MASTERDOWN|link to its master is down/,
			],
			[
				'a full server that evicts nothing, and answers PONG',
				['--maxmemory', '1kb', '--maxmemory-policy', 'noeviction'],
				/of 1024 bytes in use and nothing is evicted/,
			],
		])('%s has failed', async (_name, settings, reason) => {
			const { child, port } = await startRedis(folder, settings);
			try {
				const health = await check(memory, own(port));
				expect(health.verdict).toBe('failed');
				expect(health.targets[0]?.reason).toMatch(reason);
			} finally {
				await stop(child);
			}
		});
	});
});

async function startRedis(folder: string, settings: readonly string[]): Promise<{ child: ChildProcess; port: number }> {
	const port = await freePort();
	const child = spawn(
		'redis-server',
		['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', folder, ...settings],
		{ stdio: 'ignore' },
	);
	for (let tries = 0; tries < 100; tries++) {
		const { targets } = await check(
			{ operation: 'redis', memoryUsedPercent: 95 },
			{ redis: { host: '127.0.0.1', port, password: '', database: 0, ssl: false } },
		);
		if (targets[0]?.reason !== 'connection refused') return { child, port };
		await delay(50);
	}
	await stop(child);
	throw new Error('redis-server did not start');
}

async function stop(child: ChildProcess): Promise<void> {
	if (child.exitCode !== null) return;
	const ended = new Promise((resolve) => child.once('exit', resolve));
	child.kill('SIGKILL');
	await ended;
}

async function freePort(): Promise<number> {
	const server = createServer();
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.address() as AddressInfo;
	await new Promise((resolve) => server.close(resolve));
	return port;
}
