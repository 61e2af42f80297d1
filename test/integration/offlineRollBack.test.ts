import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { rollbackCommand } from '../../cli/rollbackCommand';
import { readOfflineRollBack } from '../../lib/rollout/offlineRollBack';
import { recordLive } from '../../lib/rollout/recordLive';
import { writeRollbackRecord } from '../../lib/rollout/rollbackRecord';
import { setImage } from '../../lib/rollout/setImage';
import { switchTraffic } from '../../lib/rollout/switchTraffic';
import { waitForRollout } from '../../lib/rollout/waitForRollout';
import { openObjectStorage } from '../../lib/storage/objectStorage.client';
import { systemClock } from '../../lib/support/clock';
import { sandboxEndpoints } from '../support/sandboxEndpoints';
import { sandboxKubeconfig } from './sandboxKubeconfig';
import { startRolloutCluster, type RolloutCluster } from './rolloutCluster';

/** Each test brings up a namespace with eight pods. */
jest.setTimeout(90_000);

const run = promisify(execFile);
const PROJECT = join(__dirname, '..', '..');
/** Not imported by its name: the sandbox is compiled by itself. */
const INSTALL_PACKAGE = '../../sandbox/n8n/installPackage.ts';
/** npm reads the whole project to pack it, which takes a minute on a busy machine. */
const PACKED_MS = 240_000;
const FENCE = { release: 'r-7', token: 7 };
const { signal } = new AbortController();

describe('the rollback command, with nothing but the cluster', () => {
	let target: RolloutCluster;
	let folder: string;
	beforeEach(async () => {
		target = await startRolloutCluster();
		folder = await mkdtemp(join(tmpdir(), 'offline-rollback-'));
		await writeFile(join(folder, 'config'), sandboxKubeconfig(target.set.namespace));
	});
	afterEach(async () => {
		await rm(folder, { recursive: true });
		await target.stop();
	});

	/** A release whose new version has the traffic. */
	const deploy = async () => {
		const { cluster, set } = target;
		const images = target.image('good');
		const record = await recordLive(cluster, set, { fence: FENCE, images });
		await setImage(cluster, set, { images, fence: FENCE, record });
		const common = { images, record, clock: systemClock, signal };
		await waitForRollout(cluster, set, { ...common, timeoutMs: 20_000 });
		await switchTraffic(cluster, set, { ...common, fence: FENCE, settleMs: 10_000 });
		return { images, record };
	};
	const press = async (
		args: string[],
		{ env = {}, answer }: { env?: Record<string, string>; answer?: string } = {},
	) => {
		const lines: string[] = [];
		const print = (line: string): void => void lines.push(line);
		const code = await rollbackCommand(
			['--environment', 'production', '--out', join(folder, 'done.json'), '--person', 'on-call', ...args],
			{
				env: { KUBECONFIG: join(folder, 'config'), ...env },
				signal,
				print,
				complain: print,
				...(answer === undefined ? {} : { ask: async () => await Promise.resolve(answer) }),
			},
		);
		return { code, said: lines.join('\n') };
	};
	const colours = async () =>
		await Promise.all(
			['backend', 'frontend'].map(
				async (name) =>
					((await target.read('services', name)).spec as { selector: { color: string } }).selector.color,
			),
		);

	it('goes back to what the Services say was live, says what it did, and the second time that it is there', async () => {
		await deploy();
		const first = await press(['--yes', '--reason', 'nobody can log in']);
		expect(first).toMatchObject({ code: 0, said: expect.stringContaining('backend: from green to blue') });
		expect(await colours()).toEqual(['blue', 'blue']);
		expect((await target.read('deployments', 'backend-green')).spec?.['replicas']).toBe(0);
		expect(JSON.parse(await readFile(join(folder, 'done.json'), 'utf8'))).toMatchObject({
			format: 'deployment-runbook/offline-rollback@1',
			environment: 'production',
			release: 'r-7',
			person: 'on-call',
			reason: 'nobody can log in',
			alreadyThere: false,
			token: 8,
		});
		const before = await target.read('services', 'backend');
		const second = await press(['--yes']);
		expect(second).toMatchObject({ code: 0, said: expect.stringContaining('Already there: nothing was changed.') });
		expect((await target.read('services', 'backend')).metadata).toEqual(before.metadata);
	});

	it(
		'does it as the command of the package that npm packs, and the second time says that it is there',
		async () => {
			await deploy();
			const { installPackage } = (await import(INSTALL_PACKAGE)) as {
				installPackage(options: {
					projectFolder: string;
					userFolder: string;
					dependencies: string;
				}): Promise<void>;
			};
			const dependencies = process.env['RUNBOOK_PACKAGE_DEPENDENCIES'];
			if (dependencies === undefined)
				throw new Error('RUNBOOK_PACKAGE_DEPENDENCIES is not set: run it through npm test');
			await installPackage({ projectFolder: PROJECT, userFolder: folder, dependencies });
			const installed = join(folder, '.n8n', 'nodes', 'node_modules', 'n8n-nodes-deployment-runbook');
			const { bin } = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8')) as { bin: string };
			const args = ['rollback', '--environment', 'production', '--kubeconfig', join(folder, 'config'), '--yes'];
			const call = async (): Promise<string> =>
				(await run(process.execPath, [join(installed, bin), ...args], { cwd: folder, env: {} })).stdout;
			expect(await call()).toContain('backend: from green to blue');
			expect(await colours()).toEqual(['blue', 'blue']);
			expect(await call()).toContain('Already there: nothing was changed.');
		},
		PACKED_MS,
	);

	it('refuses the record of another cluster, and writes nothing', async () => {
		const { images, record } = await deploy();
		const elsewhere = record.workloads.map((workload) => ({ ...workload, cluster: 'another-cluster' }));
		const file = join(folder, 'record.json');
		const found = { release: 'r-7', set: target.set, images, record: { workloads: elsewhere } };
		await writeFile(file, writeRollbackRecord(found));
		expect(await press(['--yes', '--record', file])).toMatchObject({
			code: 1,
			said: expect.stringContaining('(ROLLOUT.WRONG_CLUSTER)'),
		});
		expect(await colours()).toEqual(['green', 'green']);
	});

	it('fences out a run that was only thought to be dead, and the next one that the ledger lets in is not', async () => {
		const { images, record } = await deploy();
		await press(['--yes']);
		const { cluster, set } = target;
		const forward = (token: number) => setImage(cluster, set, { images, record, fence: { release: 'r-7', token } });
		await expect(forward(7)).rejects.toMatchObject({ code: 'ROLLOUT.FENCED_OUT' });
		await expect(forward(8)).resolves.toBeDefined();
	});

	it('leaves word of it on the Services, for the ledger', async () => {
		await deploy();
		await press(['--yes', '--reason', 'the ledger is down']);
		const { cluster, set } = target;
		expect(await readOfflineRollBack(cluster, set, 'r-7')).toMatchObject({
			person: 'on-call',
			reason: 'the ledger is down',
		});
		expect(await readOfflineRollBack(cluster, set, 'r-8')).toBeUndefined();
	});

	it('changes nothing unless it is confirmed by the name of the environment', async () => {
		await deploy();
		expect(await press([], { answer: 'yes' })).toMatchObject({ code: 2 });
		expect(await press([])).toMatchObject({ code: 2, said: expect.stringContaining('--yes') });
		expect(await colours()).toEqual(['green', 'green']);
		expect(await press([], { answer: 'production' })).toMatchObject({ code: 0 });
		expect(await colours()).toEqual(['blue', 'blue']);
	});

	it('refuses, with code and remedy, when something else is live by now', async () => {
		await deploy();
		const containers = [{ name: 'app', image: target.image('slow')[0]?.image }];
		await target.patch('deployments', 'backend-green', { spec: { template: { spec: { containers } } } });
		expect(await press(['--yes'])).toMatchObject({ code: 1, said: expect.stringContaining('(ROLLBACK.NOT_LIVE)') });
		expect(await colours()).toEqual(['green', 'green']);
	});

	it('works from the record in object storage when the Services have lost theirs', async () => {
		const { images, record } = await deploy();
		for (const name of ['backend', 'frontend'])
			await target.patch('services', name, { metadata: { annotations: null } });
		expect(await press(['--yes'])).toMatchObject({ code: 1, said: expect.stringContaining('RECORD_MISSING') });
		const { s3 } = sandboxEndpoints();
		const storage = await openObjectStorage({
			endpoint: s3.endpoint,
			region: s3.region,
			accessKeyId: s3.accessKeyId,
			secretAccessKey: s3.secretAccessKey,
			forcePathStyle: true,
			ignoreCertificate: false,
		});
		const key = `records/${target.set.namespace}/record.json`;
		const text = writeRollbackRecord({ release: 'r-7', set: target.set, images, record });
		await storage.putText({ bucket: s3.buckets.backups, key }, text, signal);
		storage.close();
		const env = {
			AWS_ACCESS_KEY_ID: s3.accessKeyId,
			AWS_SECRET_ACCESS_KEY: s3.secretAccessKey,
			AWS_REGION: s3.region,
			AWS_ENDPOINT_URL: s3.endpoint,
		};
		const pressed = await press(['--yes', '--record', `s3://${s3.buckets.backups}/${key}`], { env });
		expect(pressed.code).toBe(0);
		expect(await colours()).toEqual(['blue', 'blue']);
		expect(pressed.said).not.toContain(s3.secretAccessKey);
		expect(pressed.said).not.toContain(sandboxEndpoints().kubernetes.token);
	});
});
