import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';
import { dropReleaseScratch } from '../../../lib/backup/dropReleaseScratch';
import { openLedger } from '../../../lib/release/ledger.client';
import type { Json, ReleaseContext } from '../../../lib/release/model';
import { recordStep } from '../../../lib/release/recordStep';
import { rolloutErrors } from '../../../lib/rollout/errors';
import { createSuiteCluster } from '../../../lib/validation/suite/suiteCluster.client';
import { suiteCluster } from '../../../nodes/RunSuite/suiteClusterCredential';
import { RunSuite } from '../../../nodes/RunSuite/RunSuite.node';
import { kubernetesCluster } from '../../../nodes/shared/kubernetesCredential';
import { deployment, NEW, OLD, RECORD, REPOSITORY, service, WORKLOAD } from '../../lib/rollout/facts';
import { fakeExecuteContext } from '../../support/fakeExecuteContext';
import { MemoryLedger, newRelease } from '../../support/memoryLedger';
import { startScriptedServer, type ScriptedServer } from '../../support/scriptedServer';

jest.mock('../../../lib/release/ledger.client', () => ({ openLedger: jest.fn() }));
jest.mock('../../../lib/backup/dropReleaseScratch', () => ({ dropReleaseScratch: jest.fn(async () => []) }));

const PASSWORD = 'canary/p@ss 4711';
const TOKEN = 'bearer-canary-4711';
const SECRETS = '/api/v1/namespaces/rehearsal/secrets';
const REPORT = '<testsuites><testcase name="a"/></testsuites>';
let server: ScriptedServer;
let log = REPORT;
let refused: string[] = [];
let ledger: MemoryLedger;
let release: ReleaseContext;
/** Ledgers are kept by their credential: each test has one of its own. */
let ledgers = 0;

beforeAll(async () => {
	await import('@kubernetes/client-node');
	server = await startScriptedServer(answer);
}, 120_000);
afterAll(async () => await server.close());
beforeEach(async () => {
	log = REPORT;
	refused = [];
	server.requests.length = 0;
	jest.mocked(dropReleaseScratch).mockClear();
	ledger = new MemoryLedger();
	ledgers += 1;
	jest.mocked(openLedger).mockResolvedValue(ledger);
	({ release } = await ledger.beginRelease(newRelease()));
});

/** A cluster in which every Job has ended well the moment it is there. */
function answer(request: IncomingMessage, response: ServerResponse): void {
	const path = (request.url ?? '').split('?', 1)[0] ?? '';
	const send = (status: number, body: object): void =>
		void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
	if (refused.includes(`${request.method} ${path}`)) send(403, { kind: 'Status', message: `bad ${PASSWORD}` });
	else if (path.endsWith('/log')) response.writeHead(200, { 'content-type': 'text/plain' }).end(log);
	else if (request.method === 'DELETE') send(200, { kind: 'Status', status: 'Success' });
	else if (request.method === 'POST') send(201, { metadata: { name: 'n' } });
	else if (path.endsWith('/pods')) {
		const state = { terminated: { exitCode: log === REPORT ? 0 : 1, reason: 'Completed' } };
		const container = { name: 'suite', image: 'i', imageID: 'i', ready: false, restartCount: 0, state };
		send(200, { items: [{ metadata: { name: 'pod-1' }, status: { containerStatuses: [container] } }] });
	} else if (server.requests.some(({ method, path: asked }) => method === 'POST' && asked.includes('/jobs'))) {
		const complete = { type: 'Complete', status: 'True', reason: 'CompletionsReached' };
		send(200, { metadata: { name: 'j', uid: 'uid-1' }, status: { conditions: [complete] } });
	} else send(404, { kind: 'Status', message: 'not found' });
}

/** What the cluster says of the release set; the Job's API is the server. */
function useCluster(live: () => Promise<unknown> = async () => await Promise.resolve(service())): void {
	jest.spyOn(suiteCluster, 'open').mockImplementation(async () => {
		const access = { serverUrl: server.url, certificateAuthority: '', bearerToken: TOKEN };
		const cluster = await createSuiteCluster(access);
		return { client: { cluster, namespace: 'production' }, close: async () => await cluster.close() };
	});
	const cluster = {
		namespace: 'production',
		readService: live,
		readDeployment: async () =>
			await Promise.resolve(
				deployment({ name: 'api-blue', containers: [{ name: 'app', image: `${REPOSITORY}@${OLD}` }] }),
			),
	};
	jest.spyOn(kubernetesCluster, 'open').mockResolvedValue({ client: cluster as never });
}

async function prove(stepKey: string, result: Json, verdict: 'passed' | 'failed' = 'passed'): Promise<void> {
	const step = { release, stepKey, itemKey: '', kind: 'verdict', inputs: {}, requires: [] } as const;
	await recordStep(ledger, step, { run: async () => await Promise.resolve({ result, verdict }) });
}

async function rehearsed(migrations: readonly Json[] = [{ name: '1_a' }]): Promise<void> {
	await prove('2.1/rehearse', { migrations, database: { name: 'scratch_r_1' } });
}

const SETTINGS = {
	workload: 'api',
	namespace: 'rehearsal',
	command: ['npm', 'run'],
	arguments: ['alone'],
	environmentFrom: ['services'],
};

async function execute(change: object = {}) {
	const { context, logged } = fakeExecuteContext({
		parameters: {
			operation: 'previousVersion',
			previousVersion: JSON.stringify(SETTINGS),
			workloads: [WORKLOAD],
			workloadsNamespace: '',
			scratchDatabase: '',
			schema: 'public',
			dropScratch: true,
			pollSeconds: 0.2,
			recordStep: true,
			stepKey: '2.1/old-code',
			releaseId: release.id,
			token: release.token,
			...change,
		},
		credentials: {
			kubernetesCluster: { bearerToken: TOKEN },
			scratchPostgres: {
				...{ host: 'scratch.example.com', port: 5432, database: 'postgres' },
				...{ user: 'scratch', password: PASSWORD, ssl: 'disable' },
			},
			releaseLedger: { host: `ledger-${ledgers}`, database: 'o', user: 'u', password: 'p' },
		},
	});
	const outputs = await new RunSuite().execute.call(context);
	const suite = outputs.flat()[0]?.json.suite as Record<string, unknown>;
	return { outputs, logged, suite };
}

const posted = (kind: string) => server.requests.find(({ method, path }) => method === 'POST' && path.includes(kind));

it('runs the live image against the rehearsed database, whose address only a Secret of its own holds', async () => {
	useCluster();
	await rehearsed();
	const { suite, outputs, logged } = await execute();
	expect(suite).toMatchObject({
		verdict: 'passed',
		configured: true,
		ran: true,
		database: 'scratch_r_1',
		image: `${REPOSITORY}@${OLD}`,
		reason: '1 test passed',
		reasons: [],
	});
	const job = JSON.parse(posted('/jobs')?.body ?? '{}') as { metadata: { name: string } };
	const { name } = job.metadata;
	expect(name).toMatch(/^old-code-[0-9a-f]{10}$/);
	expect(job).toMatchObject({
		metadata: { namespace: 'rehearsal' },
		spec: {
			template: {
				spec: {
					containers: [
						{
							image: `${REPOSITORY}@${OLD}`,
							command: ['npm', 'run'],
							args: ['alone'],
							env: [{ name: 'DATABASE_URL', valueFrom: { secretKeyRef: { name, key: 'DATABASE_URL' } } }],
							envFrom: [{ secretRef: { name: 'services' } }],
						},
					],
				},
			},
		},
	});
	const secret = JSON.parse(posted('/secrets')?.body ?? '{}') as { data: { DATABASE_URL: string } };
	expect(secret).toMatchObject({
		metadata: { name, namespace: 'rehearsal', ownerReferences: [{ kind: 'Job', name, uid: 'uid-1' }] },
	});
	expect(Buffer.from(secret.data.DATABASE_URL, 'base64').toString()).toBe(
		`postgresql://scratch:${encodeURIComponent(PASSWORD)}@scratch.example.com:5432/scratch_r_1?schema=public&sslmode=disable`,
	);
	expect(server.requests.some(({ method, path }) => method === 'DELETE' && path === `${SECRETS}/${name}`)).toBe(true);
	const elsewhere = [outputs, logged, job, await ledger.readSteps(release.id)];
	expect(JSON.stringify(elsewhere)).not.toMatch(/canary/);
	expect(jest.mocked(dropReleaseScratch).mock.calls[0]?.[1]).toEqual({ releaseId: release.id, named: 'scratch_r_1' });
});

it('what the application prints of the address is masked', async () => {
	useCluster();
	await rehearsed();
	const url = `postgresql://scratch:${encodeURIComponent(PASSWORD)}@scratch.example.com/x`;
	log = `<testsuites><testcase name="a"><failure message="cannot reach ${url} ${PASSWORD}"/></testcase></testsuites>`;
	const { suite } = await execute();
	expect(suite).toMatchObject({ verdict: 'failed', reason: '1 of 1 tests failed', reasons: ['1 of 1 tests failed'] });
	expect(JSON.stringify([suite, await ledger.readSteps(release.id)])).not.toMatch(/canary/);
});

it('after a resume it is the version that was noted before anything was changed, and not the one that is live by now', async () => {
	useCluster();
	await rehearsed();
	const live = { ...RECORD.live, image: `${REPOSITORY}@${NEW}` };
	await prove('3.1/record-live', { workloads: [{ ...RECORD, live }] } as unknown as Json);
	expect((await execute()).suite.image).toBe(`${REPOSITORY}@${NEW}`);
});

it('a Job of an earlier run, on a scratch database that is gone, has another name', async () => {
	useCluster();
	const names: unknown[] = [];
	for (const database of ['scratch_r_1', 'scratch_r_2']) {
		server.requests.length = 0;
		await prove('2.1/rehearse', { migrations: [{}], database: { name: database } });
		names.push((await execute()).suite.job);
	}
	expect(new Set(names).size).toBe(2);
});

describe('runs nothing, asks no cluster, and drops the scratch database', () => {
	it.each<[string, () => Promise<void>, object, object]>([
		[
			'when it is not configured: inconclusive',
			rehearsed,
			{ previousVersion: undefined },
			{ verdict: 'inconclusive', configured: false, reason: expect.stringMatching(/^not configured/) },
		],
		[
			'when nothing was migrated: passed',
			async () => await rehearsed([]),
			{},
			{ verdict: 'passed', configured: true, reason: expect.stringMatching(/schema stays as it is/) },
		],
		[
			'when no rehearsal passed: inconclusive',
			async () => await prove('2.1/rehearse', { migrations: [{}], database: { name: 'scratch_r_1' } }, 'failed'),
			{},
			{ verdict: 'inconclusive', reason: expect.stringMatching(/no rehearsal/) },
		],
	])('%s', async (_, arrange, change, expected) => {
		useCluster();
		await arrange();
		const { suite } = await execute(change);
		expect(suite).toMatchObject({ ran: false, ...expected });
		expect(server.requests).toEqual([]);
		expect(dropReleaseScratch).toHaveBeenCalledTimes(1);
	});
});

it('a live version that cannot be told now is inconclusive; a Service that is not there is an error', async () => {
	await rehearsed();
	useCluster(async () => {
		throw rolloutErrors.DIGEST_UNKNOWN({ deployment: 'api-blue', problem: 'no pod is ready' });
	});
	expect((await execute()).suite).toMatchObject({ verdict: 'inconclusive', ran: false });
	useCluster(async () => {
		throw rolloutErrors.NOT_FOUND({ kind: 'Service', name: 'api', namespace: 'production' });
	});
	await expect(execute()).rejects.toThrow('ROLLOUT.NOT_FOUND');
	expect(dropReleaseScratch).toHaveBeenCalledTimes(2);
});

it('a role that may not write Secrets is an error that shows nothing of one, and the Job is taken away', async () => {
	useCluster();
	await rehearsed();
	refused = [`POST ${SECRETS}`];
	const error = await execute().then(
		() => undefined,
		(thrown: unknown) => thrown as Error,
	);
	expect(error?.message).toContain('VALIDATION.CLUSTER_REFUSED');
	expect(JSON.stringify(error) + String(error?.message)).not.toContain('canary');
	expect(server.requests.some(({ method, path }) => method === 'DELETE' && path.includes('/jobs/'))).toBe(true);
	expect(dropReleaseScratch).toHaveBeenCalledTimes(1);
});

it.each([
	['a workload that is none', { previousVersion: { ...SETTINGS, workload: 'web' } }, /previousVersion\.workload/],
	['a field that nobody knows', { previousVersion: { ...SETTINGS, retries: 1 } }, /retries/],
	[
		'a variable that would lead elsewhere',
		{ previousVersion: { ...SETTINGS, environment: { DATABASE_URL: 'postgresql://production/db' } } },
		/previousVersion\.environment/,
	],
	['no JSON', { previousVersion: '{' }, /previousVersion/],
])('%s is refused before anything is asked', async (_, change, message) => {
	useCluster();
	await expect(execute(change)).rejects.toThrow(message);
	expect(server.requests).toEqual([]);
});

it('the page names the right that it needs', () => {
	const page = readFileSync(path.resolve(__dirname, '..', '..', '..', 'docs', 'nodes', 'run-suite.md'), 'utf8');
	expect(page).toContain('`secrets` create, delete');
});
