import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { HealthCheck } from '../../nodes/HealthCheck/HealthCheck.node';
import { fakeExecuteContext } from '../support/fakeExecuteContext';
import { startScriptedServer, type ScriptedServer } from '../support/scriptedServer';

interface Checked {
	readonly verdict: string;
	readonly reason: string;
	readonly targets: { readonly targets: number; readonly problems: readonly string[] };
	readonly alert: { readonly verdict: string; readonly receivers: readonly string[]; readonly tookMs: number | null };
}

const installed = ['prometheus', 'prometheus-alertmanager'].every(
	(program) => spawnSync(program, ['--version']).status === 0,
);

// Debian's packages `prometheus` and `prometheus-alertmanager`; they are not needed for anything else here.
(installed ? describe : describe.skip)('the monitoring, by a real Prometheus and a real Alertmanager', () => {
	let folder: string;
	let pager: ScriptedServer;
	const started: ChildProcess[] = [];
	const urls = { prometheus: '', alertmanager: '', lonely: '' };

	beforeAll(async () => {
		folder = await mkdtemp(path.join(tmpdir(), 'monitoring-'));
		pager = await startScriptedServer((_request, response) => void response.writeHead(200).end('{}'));
		const webhook = (receiver: string, url: string): object => ({
			name: receiver,
			webhook_configs: [{ url, send_resolved: false }],
		});
		urls.alertmanager = await startAlertmanager({
			route: {
				receiver: 'nobody',
				group_wait: '0s',
				group_by: ['run'],
				routes: [
					{ receiver: 'on-call', group_wait: '0s', matchers: ['team="cases"'] },
					{ receiver: 'broken', group_wait: '0s', matchers: ['team="broken"'] },
				],
			},
			receivers: [
				{ name: 'nobody' },
				webhook('on-call', `${pager.url}/page`),
				webhook('broken', `http://127.0.0.1:${await freePort()}/`),
			],
		});
		const target = (job: string, url: string): object => ({
			job_name: job,
			static_configs: [{ targets: [new URL(url).host] }],
		});
		const up = target('alertmanager', urls.alertmanager);
		urls.prometheus = await startPrometheus('fresh', [up]);
		urls.lonely = await startPrometheus('lonely', [up, target('gone', `http://127.0.0.1:${await freePort()}`)]);
		await until(async () => await isScraped(urls.prometheus, { up: 1, down: 0 }));
		await until(async () => await isScraped(urls.lonely, { up: 1, down: 1 }));
	}, 120_000);
	afterAll(async () => {
		for (const child of started) {
			const ended = new Promise((resolve) => child.once('exit', resolve));
			child.kill('SIGKILL');
			await ended;
		}
		await pager.close();
		await rm(folder, { recursive: true, force: true });
	});

	/** Each target was scraped, and nothing but what is down is a problem. A Prometheus that has just begun knows no target. */
	async function isScraped(prometheusUrl: string, { up, down }: { up: number; down: number }): Promise<boolean> {
		const { targets } = await check({ patienceSeconds: 1, prometheusUrl });
		const isDown = targets.problems.filter((problem) => problem.includes('is down'));
		return targets.targets === up + down && isDown.length === down && targets.problems.length === down;
	}

	async function check(change: object = {}): Promise<Checked> {
		const { context } = fakeExecuteContext({
			parameters: {
				operation: 'monitoring',
				prometheusUrl: urls.prometheus,
				alertmanagerUrl: urls.alertmanager,
				receiver: 'on-call',
				labels: '{"team": "cases"}',
				patienceSeconds: 20,
				timeoutSeconds: 5,
				...change,
			},
		});
		const outputs = await new HealthCheck().execute.call(context);
		return outputs.flat()[0]?.json.health as unknown as Checked;
	}

	it('passes when every target is fresh and the alert arrives at the pager', async () => {
		pager.requests.length = 0;
		const checked = await check();
		expect(checked).toMatchObject({
			verdict: 'passed',
			targets: { targets: 1, problems: [] },
			alert: { receivers: ['on-call'], tookMs: expect.any(Number) as number },
		});
		expect(pager.requests.map(({ path: asked }) => asked)).toEqual(['/page']);
		expect(pager.requests[0]?.body).toContain('DeploymentRunbookSynthetic');
	});

	it('fails when a target is down, and names it', async () => {
		const checked = await check({ prometheusUrl: urls.lonely, patienceSeconds: 2 });
		expect(checked.verdict).toBe('failed');
		expect(checked.targets.problems).toEqual([expect.stringMatching(/^gone http.* is down: /)]);
	});

	it('fails when the alert is routed to somebody else', async () => {
		const checked = await check({ labels: '{"team": "others"}' });
		expect(checked).toMatchObject({ verdict: 'failed', alert: { receivers: ['nobody'] } });
		expect(checked.reason).toBe('the alert goes to nobody, not to on-call');
	});

	it('fails when nobody is notified', async () => {
		const checked = await check({ labels: '{}', receiver: 'nobody', patienceSeconds: 2 });
		expect(checked.reason).toBe('the alert is there, and no notification was sent');
	});

	it('fails when the notification cannot be sent', async () => {
		const checked = await check({ labels: '{"team": "broken"}', receiver: 'broken', patienceSeconds: 3 });
		expect(checked).toMatchObject({ verdict: 'failed', alert: { verdict: 'failed', tookMs: null } });
		expect(checked.reason).toBe('the alert is there, and what Alertmanager sends fails');
	});

	it('fails while Alertmanager refuses connections', async () => {
		const checked = await check({ alertmanagerUrl: `http://127.0.0.1:${await freePort()}` });
		expect(checked.reason).toBe('Alertmanager: connection refused');
		expect(checked.verdict).toBe('failed');
	});

	it('what is no Prometheus is inconclusive', async () => {
		const checked = await check({ prometheusUrl: pager.url, patienceSeconds: 2 });
		expect(checked.verdict).toBe('inconclusive');
		expect(checked.reason).toBe('Prometheus: the answer is not that of its API');
	});

	async function startPrometheus(name: string, jobs: readonly object[]): Promise<string> {
		const config = { global: { scrape_interval: '1s', scrape_timeout: '1s' }, scrape_configs: jobs };
		return await start('prometheus', name, config, (file, port) => [
			`--config.file=${file}`,
			`--storage.tsdb.path=${path.join(folder, name)}`,
			`--web.listen-address=127.0.0.1:${port}`,
		]);
	}

	async function startAlertmanager(config: object): Promise<string> {
		return await start('prometheus-alertmanager', 'alertmanager', config, (file, port) => [
			`--config.file=${file}`,
			`--storage.path=${path.join(folder, 'alertmanager')}`,
			`--web.listen-address=127.0.0.1:${port}`,
			'--cluster.listen-address=',
		]);
	}

	async function start(
		program: string,
		name: string,
		config: object,
		argumentsOf: (file: string, port: number) => string[],
	): Promise<string> {
		const port = await freePort();
		const file = path.join(folder, `${name}.yml`);
		// JSON is YAML.
		await writeFile(file, JSON.stringify(config));
		started.push(spawn(program, argumentsOf(file, port), { stdio: 'ignore' }));
		const url = `http://127.0.0.1:${port}`;
		await until(async () => (await fetch(`${url}/-/ready`)).ok);
		return url;
	}
});

async function until(isSo: () => Promise<boolean>): Promise<void> {
	for (let tries = 0; tries < 300; tries++) {
		if (await isSo().catch(() => false)) return;
		await delay(100);
	}
	throw new Error('waited in vain');
}

async function freePort(): Promise<number> {
	const server = createServer();
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.address() as AddressInfo;
	await new Promise((resolve) => server.close(resolve));
	return port;
}
