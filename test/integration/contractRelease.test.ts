import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { IDataObject } from 'n8n-workflow';
import type { Release } from '../../lib/release/model';
import { recordLive } from '../../lib/rollout/recordLive';
import { rollBackOffline } from '../../lib/rollout/rollBackOffline';
import { findRollbackRecord } from '../../lib/rollout/readRecordAnnotations';
import { setImage } from '../../lib/rollout/setImage';
import { switchTraffic } from '../../lib/rollout/switchTraffic';
import { waitForRollout } from '../../lib/rollout/waitForRollout';
import { systemClock } from '../../lib/support/clock';
import { KubernetesRollout } from '../../nodes/KubernetesRollout/KubernetesRollout.node';
import { fakeExecuteContext } from '../support/fakeExecuteContext';
import { sandboxEndpoints } from '../support/sandboxEndpoints';
import { prove } from './beginProvenRelease';
import { LedgerDatabase, ROLL_BACK, START, stepOf } from './ledgerDatabase';
import { startRolloutCluster, type RolloutCluster } from './rolloutCluster';

/** Each test brings up a namespace with eight pods. */
jest.setTimeout(90_000);

const DROP = { name: '3_drop', checksum: 'c'.repeat(64) };
const HELD_BACK = { deploys: [], heldBack: [DROP.name], migrations: [DROP] };
const { signal } = new AbortController();
const db = new LedgerDatabase();
beforeAll(async () => {
	await db.create();
	await db.open(1);
});
beforeEach(() => db.nextEnvironment());
afterAll(async () => await db.close({ keep: false }));

/** A release that held something back, and whose watch has ended well. */
async function succeeded(): Promise<Release> {
	const release = await db.begin();
	await prove(db.ledger, release, '2.1/lint', HELD_BACK);
	await db.pass(release, '3.2/switch-traffic');
	return await db.ledger.finishRelease(release, 'succeeded', '');
}

/** One that runs it, up to the moment in which the floor is raised. */
async function contracting(persons: readonly string[]): Promise<Release> {
	const release = await db.begin({ contracts: true });
	await prove(db.ledger, release, '2.1/lint', { deploys: [DROP], heldBack: [], migrations: [DROP] });
	await prove(db.ledger, release, '2.1/previous-version-gone');
	await prove(db.ledger, release, 'gate-1/approval');
	for (const approver of persons) {
		const vote = {
			releaseId: release.id,
			gate: 'gate-1/approval',
			approver,
			nonce: randomBytes(8).toString('hex'),
		};
		const said = { decision: 'approve', comment: '', strength: 'link', evidenceHash: 'a'.repeat(64) } as const;
		await db.ledger.gates.castVote({ ...vote, ...said });
	}
	return release;
}

describe('the floor in the ledger', () => {
	it('refuses to go back behind whatever began before it, and takes nobody’s lock', async () => {
		const old = await succeeded();
		const release = await contracting([]);
		const floor = await db.ledger.raiseSchemaFloor(release);
		expect(floor).toEqual({ version: release.version, releaseId: release.id, since: expect.any(Date) });
		expect(await db.ledger.raiseSchemaFloor(release)).toEqual(floor);
		await expect(db.ledger.takeOver(old.id, ROLL_BACK)).rejects.toMatchObject({
			code: 'RELEASE.BELOW_SCHEMA_FLOOR',
			message: expect.stringContaining(release.version),
		});
		expect(await db.lock()).toMatchObject({ holder: release.id, token: release.token });
		await db.ledger.finishRelease(release, 'succeeded', '');
		const next = await db.begin();
		expect(await db.ledger.takeOver(next.id, ROLL_BACK)).toMatchObject({ id: next.id });
	});

	it('is raised by the holder only', async () => {
		await succeeded();
		const release = await contracting([]);
		await db.ledger.takeOver(release.id, { reason: 'it hangs', intent: 'continue' });
		await expect(db.ledger.raiseSchemaFloor(release)).rejects.toMatchObject({ code: 'RELEASE.FENCED_OUT' });
	});

	it('one release runs what the serving version held back although that version serves already', async () => {
		const serving = await succeeded();
		const { version } = serving;
		expect(await db.ledger.readLastSwitched(db.environment)).toMatchObject({ id: serving.id, state: 'succeeded' });
		expect((await db.ledger.beginRelease(db.wanted({ version }))).outcome).toBe('known-version');
		expect((await db.ledger.beginRelease(db.wanted({ version, contracts: true }))).outcome).toBe('started');
		const step = stepOf((await db.ledger.listLiveReleases(db.environment))[0]!, { stepKey: '2.1/lint' });
		await db.ledger.startStep(step, START);
	});
});

describe('raising it in a cluster', () => {
	let target: RolloutCluster;
	beforeEach(async () => {
		target = await startRolloutCluster();
		const { cluster, set } = target;
		const images = target.image('good');
		const fence = { release: 'r-0', token: 0 };
		const record = await recordLive(cluster, set, { fence, images });
		await setImage(cluster, set, { images, fence, record });
		const common = { images, record, clock: systemClock, signal };
		await waitForRollout(cluster, set, { ...common, timeoutMs: 20_000 });
		await switchTraffic(cluster, set, { ...common, fence, settleMs: 10_000 });
	});
	afterEach(async () => await target.stop());

	const execute = async (operation: string, stepKey: string, release: Release): Promise<IDataObject[][]> => {
		const { url, ca, token } = sandboxEndpoints().kubernetes;
		const { namespace, workloads } = target.set;
		const { context } = fakeExecuteContext({
			parameters: {
				...{ operation, namespace, workloads, images: target.image('good') },
				...{ recordStep: true, stepKey, releaseId: release.id, token: release.token },
			},
			credentials: {
				kubernetesCluster: { serverUrl: url, certificateAuthority: ca, bearerToken: token, namespace },
				releaseLedger: { ...db.connection },
			},
		});
		const outputs = await new KubernetesRollout().execute.call(context);
		return outputs.map((items) => items.map(({ json }) => json));
	};
	const raise = async (release: Release) => await execute('raiseSchemaFloor', '2.1/raise-floor', release);
	const retireBlue = async (): Promise<void> => {
		for (const name of ['backend-blue', 'frontend-blue']) {
			await target.patch('deployments', name, { spec: { replicas: 0 } });
			const path = `/apis/apps/v1/namespaces/${target.set.namespace}/deployments`;
			await target.api.until(path, name, ({ status }) => !status?.['replicas']);
		}
	};

	it('is refused while the old version runs, or one person said yes; then nothing goes back, with or without the ledger', async () => {
		const old = await succeeded();
		const asked = await contracting(['on-call']);
		const [, failed] = await execute('checkOtherVersions', '2.1/previous-version-gone', asked);
		expect(failed).toMatchObject([
			{ rollout: { others: expect.arrayContaining([expect.stringContaining('backend-blue')]) } },
		]);
		await prove(db.ledger, asked, '2.1/previous-version-gone');
		await expect(raise(asked)).rejects.toThrow(/NOT_CONTRACTIBLE.*|another version still runs/);

		await retireBlue();
		await expect(raise(asked)).rejects.toThrow('1 of 2 persons said yes');
		expect((await target.read('services', 'backend')).metadata.annotations).not.toHaveProperty([
			'deployment-runbook/schema-floor',
		]);
		expect(await db.ledger.takeOver(old.id, ROLL_BACK)).toMatchObject({ id: old.id });
		await db.ledger.finishRelease((await db.ledger.readRelease(old.id))!, 'succeeded', '');

		const release = await contracting(['on-call', 'technical-lead']);
		const [, , gone] = await execute('checkOtherVersions', '2.1/previous-version-gone', release);
		expect(gone).toMatchObject([{ rollout: { verdict: 'passed', others: [] } }]);
		const [[raised] = []] = await raise(release);
		expect(raised).toMatchObject({ rollout: { release: release.id, version: release.version } });
		expect(await raise(release)).toMatchObject([[{ rollout: raised?.['rollout'] }]]);
		await expect(db.ledger.takeOver(old.id, ROLL_BACK)).rejects.toMatchObject({
			code: 'RELEASE.BELOW_SCHEMA_FLOOR',
		});

		const offline = {
			release: 'r-0',
			person: 'on-call',
			reason: 'the ledger is dead',
			at: new Date().toISOString(),
		};
		const found = await findRollbackRecord(target.cluster, target.set.namespace);
		const options = { offline, timeoutMs: 5_000, clock: systemClock, signal, log: () => undefined };
		await expect(rollBackOffline(target.cluster, found, options)).rejects.toMatchObject({
			code: 'ROLLBACK.BELOW_SCHEMA_FLOOR',
		});
		expect((await target.read('services', 'backend')).spec).toMatchObject({ selector: { color: 'green' } });
	});
});
