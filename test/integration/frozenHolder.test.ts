import { openLedger } from '../../lib/release/ledger.client';
import type { Ledger } from '../../lib/release/ledger';
import type { Release, ReleaseContext } from '../../lib/release/model';
import { systemClock } from '../../lib/support/clock';
import type { PostgresConnection } from '../../lib/support/postgres.client';
import { KubernetesRollout } from '../../nodes/KubernetesRollout/KubernetesRollout.node';
import { PrismaMigrate } from '../../nodes/PrismaMigrate/PrismaMigrate.node';
import { MigrationSandbox, readAdvisoryLocks, readColumn } from '../lib/migration/migrationSandbox';
import { fakeExecuteContext } from '../support/fakeExecuteContext';
import { sandboxEndpoints } from '../support/sandboxEndpoints';
import { beginProvenRelease, prove, proveLint } from './beginProvenRelease';
import { proveBackup, storageCredential } from './proveBackup';
import { holdKubernetes, holdPostgres, type HoldingProxy } from './holdingProxy';
import { DIGESTS, startRolloutCluster, type RolloutCluster } from './rolloutCluster';
import { runInChild, type Child, type ChildOutcome, type ChildWork } from './runInChild';

/** A child process loads the package's sources and a driver before it comes to its write. */
jest.setTimeout(60_000);

const STALE_AFTER_MS = 300;
const sandbox = new MigrationSandbox();
let operations: PostgresConnection;
let ledger: Ledger;
/** The holder that sleeps: its token is the one that it was given. */
let release: Release;

beforeAll(async () => {
	operations = await sandbox.createDatabase();
	ledger = await openLedger(operations);
});
afterAll(async () => {
	await ledger.close();
	await sandbox.remove();
});
beforeEach(async () => {
	release = await beginProvenRelease(ledger);
});

const cleanUps: Array<() => Promise<void>> = [];
afterEach(async () => {
	for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

/** Starts the work in a process of its own, and stops that process when its write is on its way. */
async function freezeAtWrite(work: ChildWork, proxy: HoldingProxy): Promise<Child> {
	const child = runInChild(work);
	cleanUps.push(
		async () => await child.kill(),
		async () => await proxy.close(),
	);
	const early = child.outcome.then((outcome) => {
		throw new Error(`it ended before its write: ${JSON.stringify(outcome)}`);
	});
	await Promise.race([proxy.held, early]);
	early.catch(() => undefined);
	await child.freeze();
	return child;
}

/** What the sleeper says once its write goes on and it wakes. */
async function wake(child: Child, proxy: HoldingProxy): Promise<ChildOutcome | undefined> {
	proxy.pass();
	await systemClock.sleep(100);
	child.thaw();
	return await child.outcome;
}

/** As the watchdog does: the heartbeat is silent, another run goes on under a higher token. */
async function resume(): Promise<Release> {
	await systemClock.sleep(2 * STALE_AFTER_MS);
	return await ledger.resumeRelease(release.id, { executionId: 'another run', staleAfterMs: STALE_AFTER_MS });
}

/** Every write that the sleeper could still send to the ledger. */
async function expectLedgerRefuses(stepKey: string): Promise<void> {
	const step = { release, stepKey, itemKey: '', kind: 'change', inputs: {}, requires: [] } as const;
	const end = { state: 'passed', result: { written: 'by the sleeper' }, evidence: null, error: null } as const;
	const refused = { code: 'RELEASE.FENCED_OUT' };
	await expect(ledger.startStep(step, { inputHash: '', inverse: null })).rejects.toMatchObject(refused);
	await expect(ledger.finishStep(step, end)).rejects.toMatchObject(refused);
	await expect(ledger.finishRelease(release, 'succeeded', '')).rejects.toMatchObject(refused);
}

describe('a holder that slept between its check and its write to Kubernetes', () => {
	let target: RolloutCluster;
	beforeEach(async () => {
		target = await startRolloutCluster();
		const staging = ['set-image', 'wait', 'check-health', 'check-login'].map((step) => `3.1/staging-${step}`);
		for (const stepKey of [
			'2.1/deploy-migrations',
			'2.2/integrity-after',
			...staging,
			'3.1/check-preview',
			'gate-2/approval',
		])
			await prove(ledger, release, stepKey);
	});
	afterEach(async () => await target.stop());

	const STEP_KEYS = {
		recordLive: '3.1/record-live',
		setImage: '3.1/set-image',
		waitForRollout: '3.1/wait-for-rollout',
		switchTraffic: '3.2/switch-traffic',
		rollBack: 'rollback/switch-back',
	};
	const work = (
		operation: keyof typeof STEP_KEYS,
		holder: ReleaseContext,
		api: { url: string; ca: string } = sandboxEndpoints().kubernetes,
	): ChildWork => ({
		node: 'KubernetesRollout',
		parameters: {
			...{
				operation,
				stepKey: STEP_KEYS[operation],
				timeoutSeconds: 20,
				watchSeconds: 600,
				record: '',
				scaleDownReplaced: true,
			},
			...{ namespace: target.set.namespace, workloads: target.set.workloads, images: target.image('good') },
			...{ recordStep: true, releaseId: holder.id, token: holder.token },
		},
		credentials: {
			kubernetesCluster: {
				serverUrl: api.url,
				certificateAuthority: api.ca,
				bearerToken: sandboxEndpoints().kubernetes.token,
				namespace: 'default',
			},
			releaseLedger: { ...operations },
		},
	});
	const run = async (operation: keyof typeof STEP_KEYS, holder: ReleaseContext): Promise<void> => {
		await new KubernetesRollout().execute.call(fakeExecuteContext(work(operation, holder)).context);
	};
	const hold = async (collection: string, name: string, change: string) =>
		await holdKubernetes(
			sandboxEndpoints().kubernetes,
			({ method, path, body }) =>
				method === 'PATCH' && path.includes(`/${collection}/${name}`) && body.includes(change),
		);
	const world = async () => {
		const read = async (name: string) => {
			const { spec } = await target.read('deployments', name);
			const { template, replicas } = spec as {
				template: { spec: { containers: Array<{ image: string }> } };
				replicas: number;
			};
			return [template.spec.containers[0]?.image.split('@')[1], replicas];
		};
		const colour = async (name: string): Promise<unknown> =>
			((await target.read('services', name)).spec as { selector: { color: string } }).selector.color;
		return {
			colours: [await colour('backend'), await colour('frontend')],
			green: [await read('backend-green'), await read('frontend-green')],
		};
	};

	it('switches no traffic after somebody else has rolled back', async () => {
		await run('recordLive', release);
		await run('setImage', release);
		await run('waitForRollout', release);
		const proxy = await hold('services', 'backend', '/spec/selector/color');
		const child = await freezeAtWrite(work('switchTraffic', release, proxy), proxy);

		const newer = await ledger.takeOver(release.id, { reason: 'no sign of life', intent: 'rollBack' });
		await run('rollBack', newer);
		await ledger.finishRelease(newer, 'rolled-back-unverified', 'rolled back by hand');
		const before = await world();
		expect(before.colours).toEqual(['blue', 'blue']);

		const outcome = await wake(child, proxy);
		expect(outcome?.error).toMatch(/ROLLOUT\.FENCED_OUT/);
		expect(await world()).toEqual(before);
		// Not even its failure is written.
		expect(await ledger.readStep(release.id, '3.2/switch-traffic', '')).toMatchObject({
			state: 'started',
			error: null,
		});
		await expectLedgerRefuses('3.2/switch-traffic');
	});

	it('starts no version on an object that the newer holder had no need to touch', async () => {
		await run('recordLive', release);
		const proxy = await hold('deployments', 'backend-green', '/image');
		const child = await freezeAtWrite(work('setImage', release, proxy), proxy);

		const newer = await ledger.takeOver(release.id, { reason: 'no sign of life', intent: 'rollBack' });
		await run('rollBack', newer);
		const outcome = await wake(child, proxy);
		expect(outcome?.error).toMatch(/ROLLOUT\.FENCED_OUT/);
		const untouched = [DIGESTS.old, 0];
		expect(await world()).toEqual({ colours: ['blue', 'blue'], green: [untouched, untouched] });
		await expectLedgerRefuses('3.1/set-image');
	});

	it('leaves what the resumed run of its own release did as it is', async () => {
		await run('recordLive', release);
		const proxy = await hold('deployments', 'frontend-green', '/image');
		const child = await freezeAtWrite(work('setImage', release, proxy), proxy);

		const newer = await resume();
		await run('setImage', newer);
		await run('waitForRollout', newer);
		await prove(ledger, newer, 'gate-2/approval');
		await run('switchTraffic', newer);
		const before = await world();
		expect(before.colours).toEqual(['green', 'green']);

		expect((await wake(child, proxy))?.error).toMatch(/ROLLOUT\.FENCED_OUT/);
		expect(await world()).toEqual(before);
		expect(await ledger.readStep(release.id, '3.1/set-image', '')).toMatchObject({ state: 'passed', attempts: 2 });
		await expectLedgerRefuses('3.1/set-image');
	});
});

describe('a holder that slept between its check and its write to the database', () => {
	const HISTORY = `SELECT migration_name || CASE WHEN rolled_back_at IS NOT NULL THEN ' rolled back' WHEN finished_at IS NULL THEN ' failed' ELSE '' END
		FROM _prisma_migrations ORDER BY started_at`;
	let target: PostgresConnection;
	let migrationsFolder: string;
	beforeEach(async () => {
		target = await sandbox.createDatabase();
		migrationsFolder = sandbox.writeFolder({
			'1_frozen': 'CREATE TABLE frozen (i int); INSERT INTO frozen VALUES (1);',
		}).path;
		await proveBackup(ledger, release, target);
		await prove(ledger, release, '2.1/migration-status');
		await proveLint(ledger, release, migrationsFolder);
		await prove(ledger, release, 'gate-1/approval');
	});

	const work = ({ id, token }: ReleaseContext, port: number): ChildWork => ({
		node: 'PrismaMigrate',
		parameters: {
			...{ operation: 'deploy', migrationsFolder, schema: 'public', lockTimeoutSeconds: 4, lockAttempts: 5 },
			...{ statementTimeoutSeconds: 600, upTo: 'lastExpand', recordStep: true, stepKey: '2.1/deploy-migrations' },
			...{ releaseId: id, token, environment: release.environment },
		},
		credentials: { postgres: { ...target, port }, releaseLedger: { ...operations }, s3: storageCredential() },
	});
	const deploy = async (holder: ReleaseContext): Promise<unknown> => {
		const outputs = await new PrismaMigrate().execute.call(fakeExecuteContext(work(holder, target.port)).context);
		return outputs[0]?.[0]?.json.migration;
	};

	const status = async (holder: ReleaseContext): Promise<unknown> => {
		const { parameters, credentials } = work(holder, target.port);
		const looking = { ...parameters, operation: 'status', stepKey: '2.1/migration-status' };
		const { context } = fakeExecuteContext({ parameters: looking, credentials });
		return (await new PrismaMigrate().execute.call(context))[2]?.[0]?.json.migration;
	};

	it.each([
		[
			'before it has the lock: it finds the newer token',
			'INSERT INTO deployment_runbook.fence',
			/MIGRATION\.FENCED_OUT/,
			['1_frozen'],
		],
		[
			'with the lock in its hands: its session is ended for the newer holder',
			'CREATE TABLE frozen',
			/MIGRATION\.(SESSION_LOST|FENCED_OUT)/,
			['1_frozen rolled back', '1_frozen'],
		],
	])('runs no script, %s', async (_moment, marker, refusal, history) => {
		const proxy = await holdPostgres(target, marker);
		const child = await freezeAtWrite(work(release, proxy.port), proxy);

		const newer = await resume();
		expect(await status(newer)).toMatchObject({ verdict: 'passed', pending: [{ name: '1_frozen' }] });
		expect(await deploy(newer)).toMatchObject({ applied: ['1_frozen'] });

		const outcome = await wake(child, proxy);
		expect(outcome?.error).toMatch(refusal);
		expect(await readColumn(target, HISTORY)).toEqual(history);
		expect(await readColumn(target, 'SELECT i FROM frozen')).toEqual([1]);
		expect(await readColumn(target, 'SELECT token::int FROM deployment_runbook.fence')).toEqual([newer.token]);
		expect(await readAdvisoryLocks(target)).toEqual([]);
		expect(await ledger.readStep(release.id, '2.1/deploy-migrations', '')).toMatchObject({
			state: 'passed',
			result: { applied: ['1_frozen'] },
		});
		await expectLedgerRefuses('2.1/deploy-migrations');
	});
});
