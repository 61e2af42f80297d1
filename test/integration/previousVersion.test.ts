import type { INodeType } from 'n8n-workflow';
import { dropReleaseScratch } from '../../lib/backup/dropReleaseScratch';
import { scratchLabel } from '../../lib/backup/scratchName';
import type { Ledger } from '../../lib/release/ledger';
import { openLedger } from '../../lib/release/ledger.client';
import type { Release } from '../../lib/release/model';
import type { PostgresConnection } from '../../lib/support/postgres.client';
import { PrismaMigrate } from '../../nodes/PrismaMigrate/PrismaMigrate.node';
import { RunSuite } from '../../nodes/RunSuite/RunSuite.node';
import { superuser } from '../lib/backup/harness';
import { MigrationSandbox, readColumn, withClient } from '../lib/migration/migrationSandbox';
import { fakeExecuteContext } from '../support/fakeExecuteContext';
import { sandboxEndpoints } from '../support/sandboxEndpoints';
import { beginProvenRelease } from './beginProvenRelease';
import { connectToApi, type Api } from './kubernetes/connectToApi';
import { proveBackup } from './proveBackup';

const { kubernetes, databases, registry, migrationsFolder } = sandboxEndpoints();
const CORE = '/api/v1/namespaces/production';
const JOBS = '/apis/batch/v1/namespaces/production/jobs';
const sandbox = new MigrationSandbox();
/** Only read: what it lacks is applied to a copy. */
const production: PostgresConnection = { ...superuser(), database: databases.production.database };
let operations: PostgresConnection;
let ledger: Ledger;
let release: Release;
let api: Api;

jest.setTimeout(300_000);

beforeAll(async () => {
	api = connectToApi();
	operations = await sandbox.createDatabase();
	ledger = await openLedger(operations);
});
afterAll(async () => {
	const { body } = await api.call<{ items: Array<{ metadata: { name: string } }> }>('GET', JOBS);
	for (const { metadata } of body.items) await api.call('DELETE', `${JOBS}/${metadata.name}`);
	await api.close();
	await ledger.close();
	await sandbox.remove();
});

/** A release whose migrations ran on a copy of production's data. */
beforeEach(async () => {
	release = await beginProvenRelease(ledger);
	await proveBackup(ledger, release, production, { keepScratch: true });
	const rehearsal = await execute(new PrismaMigrate(), {
		operation: 'rehearse',
		...{ migrationsFolder, schema: 'public', upTo: 'lastExpand', scratchDatabase: '' },
		...{ longestLockSeconds: 60, statementTimeoutSeconds: 60, dropScratch: true, keepWhenPassed: true },
		stepKey: '2.1/rehearse',
	});
	expect(rehearsal).toMatchObject({ migration: { verdict: 'passed', migrations: [{ failure: null }] } });
	expect(await listScratch()).toHaveLength(1);
});
afterEach(async () => {
	const run = { signal: new AbortController().signal, log: () => undefined };
	await dropReleaseScratch(superuser(), { releaseId: release.id, named: '' }, run);
});

async function listScratch(): Promise<unknown[]> {
	const { label } = scratchLabel(release.id);
	const sql = `SELECT datname FROM pg_database WHERE starts_with(datname, 'scratch_${label}_')`;
	return await readColumn(superuser(), sql);
}

async function listSecrets(): Promise<string[]> {
	const { body } = await api.call<{ items: Array<{ metadata: { name: string } }> }>('GET', `${CORE}/secrets`);
	return body.items.map(({ metadata }) => metadata.name).filter((name) => name.startsWith('old-code-'));
}

async function execute(node: INodeType, parameters: object): Promise<Record<string, unknown>> {
	const { context, logged } = fakeExecuteContext({
		parameters: {
			recordStep: true,
			releaseId: release.id,
			token: release.token,
			environment: release.environment,
			...parameters,
		},
		credentials: {
			postgres: { ...production },
			scratchPostgres: { ...superuser() },
			releaseLedger: { ...operations },
			kubernetesCluster: {
				serverUrl: kubernetes.url,
				certificateAuthority: kubernetes.ca,
				bearerToken: kubernetes.token,
				namespace: 'production',
			},
		},
	});
	const outputs = await node.execute?.call(context);
	const shown = JSON.stringify([outputs, logged, await ledger.readSteps(release.id)]);
	expect(shown).not.toContain(superuser().password);
	const json = (outputs as unknown as Array<Array<{ json: Record<string, unknown> }>>).flat()[0]?.json;
	return json ?? {};
}

async function runPreviousVersion(change: object = {}): Promise<Record<string, unknown>> {
	const previousVersion = {
		workload: 'case-management-backend',
		arguments: ['test:critical-path:alone'],
		environmentFrom: ['case-management-rehearsal'],
		leastTests: 6,
	};
	const workload = {
		...{ service: 'case-management-backend', previewService: 'case-management-backend-preview' },
		deployments: { blue: 'case-management-backend-blue', green: 'case-management-backend-green' },
		...{ container: 'backend', role: 'web' },
		repository: `${new URL(registry.url).host}/case-management-backend`,
	};
	const { suite } = await execute(new RunSuite(), {
		operation: 'previousVersion',
		...{ previousVersion, workloads: [workload], workloadsNamespace: 'production' },
		...{ scratchDatabase: '', schema: 'public', dropScratch: true, pollSeconds: 0.5 },
		stepKey: '2.1/old-code',
		...change,
	});
	return suite as Record<string, unknown>;
}

it('that works on the new schema passes its critical path there; nothing of it is left', async () => {
	const [scratch] = await listScratch();
	const suite = await runPreviousVersion();
	expect(suite).toMatchObject({
		...{ verdict: 'passed', reason: '6 tests passed', configured: true, ran: true, database: scratch },
		image: expect.stringMatching(/case-management-backend@sha256:[0-9a-f]{64}$/) as string,
		report: { tests: 6, failed: 0 },
	});
	expect(await listScratch()).toEqual([]);
	expect(await listSecrets()).toEqual([]);
	const { body } = await api.call<object>('GET', `${JOBS}/${String(suite.job)}`);
	expect(JSON.stringify(body)).not.toContain('postgresql://');
});

it('that misses what the new schema took away fails, test by test, and nothing of it is left', async () => {
	const [database] = await listScratch();
	await withClient({ ...superuser(), database: String(database) }, async (client) => {
		await client.query('ALTER TABLE cases DROP COLUMN assignee');
	});
	expect(await runPreviousVersion()).toMatchObject({
		verdict: 'failed',
		reason: expect.stringMatching(/^\d of 6 tests failed$/) as string,
		report: {
			failures: expect.arrayContaining([{ name: 'a case is created', message: expect.any(String) }]) as unknown,
		},
	});
	expect(await listScratch()).toEqual([]);
	expect(await listSecrets()).toEqual([]);
});

it('of which nothing says how it is started is not proven, and its scratch database is dropped', async () => {
	expect(await runPreviousVersion({ previousVersion: undefined })).toMatchObject({
		...{ verdict: 'inconclusive', configured: false, ran: false },
	});
	expect(await ledger.readStep(release.id, '2.1/old-code', '')).toMatchObject({ state: 'inconclusive' });
	expect(await listScratch()).toEqual([]);
});
