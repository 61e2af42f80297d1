import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ICredentialDataDecryptedObject } from 'n8n-workflow';
import { MetricGate } from '../../nodes/MetricGate/MetricGate.node';
import { connectToApi } from './kubernetes/connectToApi';
import { EXAMPLE_POLICY } from '../lib/metrics/examplePolicy';
import { fakeExecuteContext } from '../support/fakeExecuteContext';
import { sandboxEndpoints } from '../support/sandboxEndpoints';
import { startScriptedServer, type ScriptedServer } from '../support/scriptedServer';

interface Gate {
	readonly verdict: string;
	readonly value: number | null;
	readonly reason: string;
	readonly requests: number;
}

async function gate(
	parameters: object,
	credentials: Record<string, ICredentialDataDecryptedObject> = {},
): Promise<Gate> {
	const { context } = fakeExecuteContext({ parameters: { ...parameters }, credentials });
	const outputs = await new MetricGate().execute.call(context);
	return outputs.flat()[0]?.json.metrics as unknown as Gate;
}

const RULE = {
	operation: 'query',
	metricName: 'a number',
	direction: 'atMost',
	passLimit: 10,
	failLimit: 20,
	heldForSeconds: 0.4,
	intervalSeconds: 0.2,
	minimumSamples: 2,
	errorLimit: 2,
	timeoutSeconds: 5,
};

describe('a query of Postgres', () => {
	const postgres = { ...sandboxEndpoints().databases.production, ssl: 'disable' };
	const ask = async (sql: string) => await gate({ ...RULE, provider: 'postgres', sql }, { postgres });

	it.each([
		['SELECT 7', 'passed', 7],
		['SELECT 7::bigint', 'passed', 7],
		['SELECT 7.5::numeric', 'passed', 7.5],
		['SELECT count(*) FROM generate_series(1, 21)', 'failed', 21],
		['SELECT 15', 'inconclusive', 15],
		["SELECT 'NaN'::float8", 'inconclusive', null],
		["SELECT 'NaN'::numeric", 'inconclusive', null],
		["SELECT 'Infinity'::float8", 'inconclusive', null],
		['SELECT NULL::int', 'inconclusive', null],
		['SELECT 1 WHERE false', 'inconclusive', null],
		['SELECT generate_series(1, 2)', 'inconclusive', null],
		['SELECT 1, 2', 'inconclusive', null],
		["SELECT '7'::text || 'x'", 'inconclusive', null],
	])('%s is %s', async (sql, verdict, value) => {
		expect(await ask(sql)).toMatchObject({ verdict, value });
	});

	it('one that takes too long is no number', async () => {
		const slow = { ...RULE, provider: 'postgres', sql: 'SELECT pg_sleep(30)', timeoutSeconds: 0.3, errorLimit: 1 };
		expect(await gate(slow, { postgres })).toMatchObject({
			verdict: 'inconclusive',
			reason: 'the database refused the query (SQLSTATE 57014)',
		});
	});

	it.each([
		['that writes', 'CREATE TABLE canary_written (a int)', '25006'],
		['of two statements', 'SET default_transaction_read_only = off; CREATE TABLE canary_written (a int)', '42601'],
		['of a table that is not there', 'SELECT count(*) FROM nowhere', '42P01'],
	])('one %s is refused', async (_name, sql, code) => {
		await expect(ask(sql)).rejects.toThrow(new RegExp(`the database refused the query: SQLSTATE ${code}`));
	});
});

const installed = spawnSync('prometheus', ['--version']).status === 0;

// Debian's package `prometheus`; it is not needed for anything else here.
(installed ? describe : describe.skip)('a query of a real Prometheus', () => {
	let folder: string;
	let pods: ScriptedServer;
	let prometheus: Awaited<ReturnType<typeof startPrometheus>>;
	let prometheusUrl: string;
	const startedAt = Date.now();

	beforeAll(async () => {
		folder = await mkdtemp(path.join(tmpdir(), 'metric-query-'));
		pods = await startScriptedServer((request, response) => {
			// Two pods: one in twenty requests of the first fails, none of the second; the second starts anew after eight seconds.
			const seconds = (Date.now() - startedAt) / 1000;
			const second = request.url === '/b/metrics';
			const age = second && seconds > 8 ? seconds - 8 : seconds;
			const ok = Math.floor(age * (second ? 100 : 95));
			const failed = second ? 0 : Math.floor(age * 5);
			response
				.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' })
				.end(`http_requests_total{status="200"} ${ok}\nhttp_requests_total{status="500"} ${failed}\n`);
		});
		const targets = [pods.url.slice('http://'.length)];
		const jobs = ['a', 'b'].map((pod) => ({
			job_name: pod,
			metrics_path: `/${pod}/metrics`,
			static_configs: [{ targets }],
		}));
		prometheus = await startPrometheus(folder, { global: { scrape_interval: '1s' }, scrape_configs: jobs });
		prometheusUrl = prometheus.url;
	});
	afterAll(async () => {
		await prometheus.stop();
		await pods.close();
		await rm(folder, { recursive: true, force: true });
	});

	const promql = async (query: string, change: object = {}) =>
		await gate({ ...RULE, provider: 'promql', prometheusUrl, promql: query, ...change });

	it('gives the same error rate as the node reads from the pods, through the restart of one', async () => {
		const policy = {
			...EXAMPLE_POLICY,
			sampling: { intervalSeconds: 1, minimumSamples: 12, minimumRequests: 20 },
			errorRate: { ...EXAMPLE_POLICY.errorRate, pass: 0.05, warning: 0.05, critical: 0.06 },
		};
		const own = await gate({
			operation: 'errorRate',
			policy,
			source: 'urls',
			urls: JSON.stringify([`${pods.url}/a/metrics`, `${pods.url}/b/metrics`]),
			requestsMetric: 'http_requests_total',
			errorMatchers: 'status=~"5.."',
			matchers: '',
			timeoutSeconds: 1,
		});
		const range = '[12s]';
		const rate = { passLimit: 0.05, failLimit: 0.1 };
		const theirs = await promql(
			`sum(increase(http_requests_total{status=~"5.."}${range})) / sum(increase(http_requests_total${range}))`,
			rate,
		);
		expect([own.verdict, theirs.verdict]).toEqual(['passed', 'passed']);
		expect(own.value).toBeGreaterThan(0.02);
		expect(Math.abs((own.value ?? Number.NaN) - (theirs.value ?? Number.NaN))).toBeLessThan(0.003);
	});

	it.each([
		['0 / 0', 'the answer is NaN: nothing was counted'],
		['1 / 0', 'the answer is +Inf'],
		['-1 / 0', 'the answer is -Inf'],
		['absent_metric', 'the query matches no series'],
		['http_requests_total', 'the query gives 4 series, one is asked for: aggregate them'],
		['http_requests_total[5s]', 'the query gives a matrix, one number is asked for'],
	])('%s is inconclusive', async (query, reason) => {
		expect(await promql(query)).toMatchObject({ verdict: 'inconclusive', value: null, reason });
	});

	it('a query that cannot be parsed is the operator’s to mend', async () => {
		await expect(promql('sum(')).rejects.toThrow(/Prometheus refused the query: HTTP 400 \(bad_data/);
	});

	it('while Prometheus is away the gate is inconclusive', async () => {
		const prometheusAway = { prometheusUrl: `http://127.0.0.1:${await freePort()}` };
		expect(await promql('up', prometheusAway)).toMatchObject({
			verdict: 'inconclusive',
			reason: 'connection refused',
		});
	});

	beforeAll(async () => {
		for (let tries = 0; tries < 300; tries++) {
			const up = await promql('count(http_requests_total)', { minimumSamples: 1, errorLimit: 1 }).catch(
				() => undefined,
			);
			if (up?.value === 4) return;
			await delay(100);
		}
		throw new Error('prometheus scraped nothing');
	}, 60_000);
});

(installed ? describe : describe.skip)('a real Prometheus that scrapes the pods of the sandbox', () => {
	it('counts the same requests, and the same share of them, as the node does', async () => {
		const { kubernetes, services } = sandboxEndpoints();
		const folder = await mkdtemp(path.join(tmpdir(), 'metric-pods-'));
		const api = connectToApi();
		const { body } = await api.call<{ items: Array<{ metadata: { name: string } }> }>(
			'GET',
			'/api/v1/namespaces/production/pods?labelSelector=app%3Dcase-management-backend%2Ccolor%3Dblue',
		);
		await writeFile(path.join(folder, 'ca.pem'), kubernetes.ca);
		await writeFile(path.join(folder, 'token'), kubernetes.token);
		const jobs = body.items.map(({ metadata: { name } }) => ({
			job_name: name,
			scheme: 'https',
			metrics_path: `/api/v1/namespaces/production/pods/${name}:3000/proxy/metrics`,
			authorization: { credentials_file: 'token' },
			tls_config: { ca_file: 'ca.pem' },
			static_configs: [{ targets: [new URL(kubernetes.url).host] }],
		}));
		const config = { global: { scrape_interval: '1s', scrape_timeout: '1s' }, scrape_configs: jobs };
		const server = await startPrometheus(folder, config);
		let stopped = false;
		// Two requests of which one is refused: a share that is not zero, of which the truth is known.
		const traffic = (async () => {
			while (!stopped) {
				await Promise.all([
					ask(`${services.backend}/cases?limit=1`),
					ask(`${services.backend}/files/00000000-0000-4000-8000-000000000000`),
				]);
				await delay(50);
			}
		})();
		try {
			const promql = async (query: string) =>
				await gate({ ...RULE, provider: 'promql', prometheusUrl: server.url, promql: query, failLimit: 1e9 });
			await until(async () => (await promql('count(up == 1)')).value === body.items.length);
			const own = await gate(
				{
					operation: 'errorRate',
					policy: {
						...EXAMPLE_POLICY,
						sampling: { intervalSeconds: 1, minimumSamples: 10, minimumRequests: 20 },
						errorRate: {
							pass: 0.9,
							warning: 0.9,
							critical: 0.95,
							rollback: { above: 0.99, heldForSeconds: 60 },
						},
					},
					source: 'pods',
					namespace: 'production',
					podSelector: 'app=case-management-backend,color=blue',
					port: '3000',
					path: '/metrics',
					requestsMetric: 'http_requests_total',
					matchers: 'route!~"/health|/metrics"',
					errorMatchers: 'status="401"',
					timeoutSeconds: 1,
				},
				{
					kubernetesCluster: {
						serverUrl: kubernetes.url,
						certificateAuthority: kubernetes.ca,
						bearerToken: kubernetes.token,
						namespace: 'production',
					},
				},
			);
			const counted = 'http_requests_total{route!~"/health|/metrics"';
			const theirs = await promql(
				`sum(increase(${counted},status="401"}[10s])) / sum(increase(${counted}}[10s]))`,
			);
			expect(own).toMatchObject({ verdict: 'passed', requests: expect.any(Number) as number });
			expect(own.value).toBeGreaterThan(0.1);
			expect(Math.abs((own.value ?? Number.NaN) - (theirs.value ?? Number.NaN))).toBeLessThan(0.05);
			const rate = await promql(`sum(rate(${counted}}[10s]))`);
			// Over ten samples of a second each, begun a second or two apart on a busy machine.
			expect(own.requests / 10 / (rate.value ?? Number.NaN)).toBeGreaterThan(0.75);
			expect(own.requests / 10 / (rate.value ?? Number.NaN)).toBeLessThan(1.25);
		} finally {
			stopped = true;
			await traffic;
			await server.stop();
			await api.close();
			await rm(folder, { recursive: true, force: true });
		}
	}, 120_000);
});

async function ask(url: string): Promise<void> {
	await fetch(url, { headers: { connection: 'close' } })
		.then(async (response) => await response.arrayBuffer())
		.catch(() => undefined);
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
	for (let tries = 0; tries < 300; tries++) {
		if (await isSo().catch(() => false)) return;
		await delay(100);
	}
	throw new Error('waited in vain for Prometheus');
}

/** JSON is YAML. */
async function startPrometheus(
	folder: string,
	config: object,
): Promise<{ readonly url: string; stop(): Promise<void> }> {
	const port = await freePort();
	await writeFile(path.join(folder, 'prometheus.yml'), JSON.stringify(config));
	const child = spawn(
		'prometheus',
		[
			`--config.file=${path.join(folder, 'prometheus.yml')}`,
			`--storage.tsdb.path=${path.join(folder, 'data')}`,
			`--web.listen-address=127.0.0.1:${port}`,
		],
		{ stdio: 'ignore' },
	);
	const ended = new Promise((resolve) => child.once('exit', resolve));
	return {
		url: `http://127.0.0.1:${port}`,
		stop: async () => {
			child.kill('SIGKILL');
			await ended;
		},
	};
}

async function freePort(): Promise<number> {
	const server = createServer();
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.address() as AddressInfo;
	await new Promise((resolve) => server.close(resolve));
	return port;
}
