import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { IDataObject } from 'n8n-workflow';
import { PROOFS_OF_SUCCESS } from '../../lib/release/assessTerminalState';
import { CHECKLISTS } from '../../lib/release/checklist';
import { finishRelease } from '../../lib/release/finishRelease';
import type { Json, Release } from '../../lib/release/model';
import { recordStep } from '../../lib/release/recordStep';
import { startWatch } from '../../lib/release/startWatch';
import type { Fence, LiveRecord } from '../../lib/rollout/model';
import { recordLive } from '../../lib/rollout/recordLive';
import { setImage } from '../../lib/rollout/setImage';
import { switchTraffic } from '../../lib/rollout/switchTraffic';
import { waitForRollout } from '../../lib/rollout/waitForRollout';
import { systemClock } from '../../lib/support/clock';
import { KubernetesRollout } from '../../nodes/KubernetesRollout/KubernetesRollout.node';
import { fakeExecuteContext } from '../support/fakeExecuteContext';
import { sandboxEndpoints } from '../support/sandboxEndpoints';
import { prove } from './beginProvenRelease';
import { LedgerDatabase } from './ledgerDatabase';
import { startRolloutCluster, type RolloutCluster } from './rolloutCluster';

/** Each test brings up a namespace with eight pods. */
jest.setTimeout(90_000);

const { signal } = new AbortController();

describe('the replaced colour, by the node and the ledger, as act-on-watch calls it', () => {
	let target: RolloutCluster;
	beforeEach(async () => {
		target = await startRolloutCluster();
	});
	afterEach(async () => await target.stop());

	const old = async (): Promise<unknown[]> =>
		await Promise.all(
			['backend-blue', 'frontend-blue'].map(
				async (name) => (await target.read('deployments', name)).spec?.['replicas'],
			),
		);
	const switched = async (fence: Fence): Promise<LiveRecord> => {
		const { cluster, set } = target;
		const images = target.image('good');
		const record = await recordLive(cluster, set, { fence });
		await setImage(cluster, set, { images, fence, record });
		const common = { images, record, clock: systemClock, signal };
		await waitForRollout(cluster, set, { ...common, timeoutMs: 20_000 });
		await switchTraffic(cluster, set, { ...common, fence, settleMs: 10_000 });
		return record;
	};

	const db = new LedgerDatabase();
	beforeAll(async () => {
		await db.create();
		await db.open(1);
	});
	beforeEach(() => db.nextEnvironment());
	afterAll(async () => await db.close({ keep: false }));

	/** A release that serves and is watched for so long; its watch has judged it well so far. */
	const watched = async (windowMs: number, objected = false): Promise<Release> => {
		const release = await db.begin();
		const record = await switched({ release: release.id, token: release.token });
		await prove(db.ledger, release, '3.1/record-live', JSON.parse(JSON.stringify(record)) as Json);
		for (const stepKey of PROOFS_OF_SUCCESS) await db.pass(release, stepKey);
		const watching = await startWatch(db.ledger, release, { windowMs });
		for (const stepKey of ['watch/health', 'watch/error-rate']) await db.pass(watching, stepKey);
		if (objected) await object(watching);
		return watching;
	};
	/** Somebody answers the business checklist with no. */
	const object = async (release: Release): Promise<void> => {
		const stepKey = Object.values(CHECKLISTS)[0] ?? '';
		const step = { release, stepKey, itemKey: '', kind: 'verdict', inputs: {}, requires: [] } as const;
		await recordStep(db.ledger, step, {
			run: async () => await Promise.resolve({ result: {}, verdict: 'failed' }),
		});
	};
	const execute = async (release: Release): Promise<IDataObject | undefined> => {
		const { url, ca, token } = sandboxEndpoints().kubernetes;
		const { namespace, workloads } = target.set;
		const { context } = fakeExecuteContext({
			parameters: {
				...{ operation: 'retirePrevious', namespace, workloads, images: target.image('good') },
				...{ recordStep: true, stepKey: 'watch/scale-down-previous' },
				...{ releaseId: release.id, token: release.token },
			},
			credentials: {
				kubernetesCluster: { serverUrl: url, certificateAuthority: ca, bearerToken: token, namespace },
				releaseLedger: { ...db.connection },
			},
		});
		const outputs = await new KubernetesRollout().execute.call(context);
		return outputs[0]?.[0]?.json['rollout'] as IDataObject | undefined;
	};

	it('keeps its replicas while the watch lasts, whatever the canvas says', async () => {
		expect(await execute(await watched(600_000))).toMatchObject({
			retired: [],
			notYet: expect.stringMatching(/^its watch lasts until /),
		});
		expect(await old()).toEqual([2, 2]);
	});

	it('keeps its replicas when the release would end as needs-human', async () => {
		expect(await execute(await watched(1, true))).toMatchObject({
			retired: [],
			notYet: 'it would end as needs-human',
		});
		expect(await old()).toEqual([2, 2]);
	});

	it('is scaled down once the watch is over and the release succeeds, and that is recorded', async () => {
		const release = await watched(1);
		const result = await execute(release);
		expect(result).toMatchObject({ kept: [], notYet: null });
		expect(await old()).toEqual([0, 0]);
		const [step] = await db.ledger.readSteps(release.id, 'watch/scale-down-previous');
		expect(step).toMatchObject({ state: 'passed', result });
		expect(await finishRelease(db.ledger, release, { reason: '', now: new Date() })).toMatchObject({
			state: 'succeeded',
		});
	});
});
