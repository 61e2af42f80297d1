import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { watchCommand } from '../../cli/watchCommand';
import type { Release } from '../../lib/release/model';
import { recordLive } from '../../lib/rollout/recordLive';
import { setImage } from '../../lib/rollout/setImage';
import { switchTraffic } from '../../lib/rollout/switchTraffic';
import { waitForRollout } from '../../lib/rollout/waitForRollout';
import { systemClock } from '../../lib/support/clock';
import { EXAMPLE_POLICY } from '../lib/metrics/examplePolicy';
import { sandboxEndpoints } from '../support/sandboxEndpoints';
import { sandboxKubeconfig } from './sandboxKubeconfig';
import { startScriptedServer, type ScriptedServer } from '../support/scriptedServer';
import { useLedgerDatabase } from './ledgerDatabase';
import { startRolloutCluster, type RolloutCluster } from './rolloutCluster';

/** Each test brings up a namespace with eight pods. */
jest.setTimeout(180_000);

const { signal } = new AbortController();
/** A look every second; a breach of health is held after two. */
const POLICY = {
	...EXAMPLE_POLICY,
	sampling: { intervalSeconds: 1, minimumSamples: 2, minimumRequests: 20 },
	errorRate: { ...EXAMPLE_POLICY.errorRate, rollback: { above: 0.1, heldForSeconds: 2 } },
	health: { intervalSeconds: 1, rollback: { heldForSeconds: 2 } },
	watch: { ...EXAMPLE_POLICY.watch, intervalSeconds: 1, minimumSamples: 2 },
};

describe('the second watcher, with n8n dead', () => {
	const db = useLedgerDatabase(1);
	let target: RolloutCluster;
	let application: ScriptedServer;
	let folder: string;
	let healthy: boolean;

	beforeEach(async () => {
		healthy = true;
		target = await startRolloutCluster();
		application = await startScriptedServer((request, response) => {
			if (request.url === '/health') response.writeHead(healthy ? 200 : 503).end('{}');
			else
				response
					.writeHead(200, { 'content-type': 'text/plain' })
					.end(`http_requests_total{status="200"} ${application.requests.length * 100}\n`);
		});
		folder = await mkdtemp(join(tmpdir(), 'second-watcher-'));
		await writeFile(join(folder, 'config'), sandboxKubeconfig(target.set.namespace));
		const settings = {
			environment: db.environment,
			namespace: target.set.namespace,
			healthTargets: [{ name: 'backend', url: `${application.url}/health` }],
			metrics: { urls: [`${application.url}/metrics`] },
			policy: POLICY,
		};
		await writeFile(join(folder, 'settings.json'), JSON.stringify(settings));
	});
	afterEach(async () => {
		await rm(folder, { recursive: true });
		await application.close();
		await target.stop();
	});

	/** A release whose new version has the traffic and is watched. `recordedFor`: whose record the Services carry; absent: its own. */
	const deploy = async (recordedFor?: string): Promise<Release> => {
		const release = await db.begin();
		const { cluster, set } = target;
		const fence = { release: recordedFor ?? release.id, token: release.token };
		const images = target.image('good');
		const record = await recordLive(cluster, set, { fence, images });
		await setImage(cluster, set, { images, fence, record });
		const common = { images, record, clock: systemClock, signal };
		await waitForRollout(cluster, set, { ...common, timeoutMs: 60_000 });
		await switchTraffic(cluster, set, { ...common, fence, settleMs: 20_000 });
		await db.pass(release, '3.1/record-live');
		await db.pass(release, '3.2/switch-traffic');
		return await db.ledger.enterWatching(release, 600_000);
	};
	const watch = async (seconds: number, name = 'second-watcher') => {
		const lines: string[] = [];
		const print = (line: string): void => void lines.push(line);
		const { host, port, database, user, password } = db.connection;
		const code = await watchCommand(
			[
				'--settings',
				join(folder, 'settings.json'),
				'--for',
				String(seconds),
				'--name',
				name,
				'--kubeconfig',
				join(folder, 'config'),
			],
			{
				env: {
					PGHOST: host,
					PGPORT: String(port),
					PGDATABASE: database,
					PGUSER: user,
					PGPASSWORD: password,
					PGSSLMODE: 'disable',
				},
				signal,
				print,
				complain: print,
			},
		);
		const said = lines.join('\n');
		expect(said).not.toContain(password);
		expect(said).not.toContain(sandboxEndpoints().kubernetes.token);
		return { code, said };
	};
	const colours = async () =>
		await Promise.all(
			['backend', 'frontend'].map(
				async (name) =>
					((await target.read('services', name)).spec as { selector: { color: string } }).selector.color,
			),
		);
	const switchBack = async ({ id }: Release) => await db.ledger.readStep(id, 'rollback/switch-back', '');

	it('changes nothing while the release is calm, and ends no watch', async () => {
		const release = await deploy();
		expect(await watch(3)).toMatchObject({ code: 0, said: expect.stringContaining('health within limits') });
		expect(await colours()).toEqual(['green', 'green']);
		expect(await db.ledger.readRelease(release.id)).toMatchObject({ state: 'watching' });
	});

	it('rolls back a held breach to the record, and leaves n8n a release to go on with', async () => {
		const release = await deploy();
		healthy = false;
		const { code, said } = await watch(8);
		expect({ code, said }).toMatchObject({
			code: 0,
			said: expect.stringContaining(`Roll back ${release.id}: health`),
		});
		expect(await colours()).toEqual(['blue', 'blue']);
		expect(await switchBack(release)).toMatchObject({ state: 'passed', result: { by: 'second-watcher' } });
		expect(await db.ledger.readRelease(release.id)).toMatchObject({ state: 'running', token: release.token + 1 });
		expect((await db.ledger.readRelease(release.id))?.rollingBackAt).not.toBeNull();
		const { rows } = await db.sql.query('SELECT count(*)::int AS alerts FROM deployment_runbook.alert');
		expect(rows).toEqual([{ alerts: 0 }]);
	});

	it('rolls back once when two of them find the same breach', async () => {
		const release = await deploy();
		healthy = false;
		const both = await Promise.all([watch(8, 'one'), watch(8, 'other')]);
		expect(both.filter(({ said }) => said.includes('Roll back '))).toHaveLength(1);
		expect(await switchBack(release)).toMatchObject({ state: 'passed', attempts: 1 });
		expect(await colours()).toEqual(['blue', 'blue']);
	});

	it('touches neither cluster nor ledger when the Services carry the record of another release', async () => {
		const release = await deploy('r-other');
		healthy = false;
		expect(await watch(5)).toMatchObject({ code: 1, said: expect.stringContaining('(WATCH.OTHER_RELEASE)') });
		expect(await colours()).toEqual(['green', 'green']);
		expect(await db.ledger.readRelease(release.id)).toMatchObject({ state: 'watching', token: release.token });
	});

	it('does nothing without a release', async () => {
		await db.begin().then(async ({ id, token }) => await db.ledger.finishRelease({ id, token }, 'rejected', ''));
		healthy = false;
		expect(await watch(5)).toMatchObject({
			code: 0,
			said: expect.stringContaining('release none: health rollback'),
		});
		expect(await colours()).toEqual(['blue', 'blue']);
	});
});
