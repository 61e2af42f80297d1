import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Cluster } from '../../lib/rollout/cluster';
import { rolloutErrors } from '../../lib/rollout/errors';
import { freezeWriters } from '../../lib/rollout/freeze/freezeWriters';
import type { LiveRecord, ReleaseSet } from '../../lib/rollout/model';
import { findOtherVersions } from '../../lib/rollout/findOtherVersions';
import { recordLive } from '../../lib/rollout/recordLive';
import { retirePrevious } from '../../lib/rollout/retire/retirePrevious';
import { rollBack } from '../../lib/rollout/rollBack';
import { planRollBackOffline } from '../../lib/rollout/rollBackOffline';
import { writeSchemaFloor } from '../../lib/rollout/schemaFloor';
import { setImage } from '../../lib/rollout/setImage';
import { switchTraffic } from '../../lib/rollout/switchTraffic';
import { moveWorkers } from '../../lib/rollout/workers/moveWorkers';
import { systemClock as clock } from '../../lib/support/clock';
import { checkOtherVersions } from '../../nodes/KubernetesRollout/operations/checkOtherVersions.operation';
import { raiseSchemaFloor } from '../../nodes/KubernetesRollout/operations/raiseSchemaFloor.operation';
import type { Operation } from '../../nodes/shared/operation';
import { fakeExecuteContext } from '../support/fakeExecuteContext';
import { sandboxEndpoints } from '../support/sandboxEndpoints';
import { startRolloutCluster, type RolloutCluster } from './rolloutCluster';

const { signal } = new AbortController();
const ELSEWHERE = '00000000-0000-0000-0000-000000000000';

jest.setTimeout(60_000);

/** Nothing is written, so all tests share one namespace. */
describe('the wrong place', () => {
	let target: RolloutCluster;
	let cluster: Cluster;
	let here: string;
	let written: string[] = [];

	beforeAll(async () => {
		target = await startRolloutCluster();
		here = sandboxEndpoints().kubernetes.clusterUid;
		const count =
			<Parameters extends unknown[], Result>(name: string, call: (...args: Parameters) => Promise<Result>) =>
			async (...args: Parameters): Promise<Result> => {
				written.push(name);
				return await call(...args);
			};
		const { patchDeployment, patchService, patchAutoscaler, deletePod } = target.cluster;
		cluster = {
			...target.cluster,
			patchDeployment: count('patchDeployment', patchDeployment),
			patchService: count('patchService', patchService),
			patchAutoscaler: count('patchAutoscaler', patchAutoscaler),
			deletePod: count('deletePod', deletePod),
		};
	}, 60_000);
	afterAll(async () => await target.stop());
	afterEach(() => {
		expect(written).toEqual([]);
		written = [];
	});

	/** What this very cluster would record, as if it had been recorded in the cluster of that UID. */
	const recordIn = async (uid: string | undefined): Promise<LiveRecord> => {
		const silent: Cluster = {
			...target.cluster,
			patchService: async (namespace, name) => await target.cluster.readService(namespace, name),
			patchDeployment: async (namespace, name) => await target.cluster.readDeployment(namespace, name),
		};
		const { workloads } = await recordLive(silent, target.set, { fence: undefined });
		expect(workloads.map((record) => record.cluster)).toEqual([here, here]);
		return { workloads: workloads.map((record) => ({ ...record, cluster: uid })) };
	};
	const goBack = async (record: LiveRecord, clusterUid = '', through = cluster) =>
		await rollBack(through, target.set, {
			record,
			images: [],
			idleBefore: [],
			clusterUid,
			fence: undefined,
			scaleDownReplaced: false,
			timeoutMs: 5_000,
			clock,
			signal,
		});
	const wrongCluster = { code: 'ROLLOUT.WRONG_CLUSTER', meta: { expected: ELSEWHERE } };

	it('is refused by every step of a release whose record is of another cluster', async () => {
		const record = await recordIn(ELSEWHERE);
		const images = target.image('good');
		const set = setImage(cluster, target.set, { images, fence: undefined, record });
		await expect(set).rejects.toMatchObject(wrongCluster);
		const options = { images, record, fence: undefined, settleMs: 1_000, clock, signal };
		await expect(switchTraffic(cluster, target.set, options)).rejects.toMatchObject(wrongCluster);
		await expect(goBack(record)).rejects.toMatchObject(wrongCluster);
		const found = { release: 'r-1', set: target.set, images: [], record };
		await expect(planRollBackOffline(cluster, found)).rejects.toMatchObject(wrongCluster);
	});

	it('is refused by the move of the workers and by the scale-down when the record is of another cluster', async () => {
		const options = { images: target.image('good'), record: await recordIn(ELSEWHERE), fence: undefined, clock };
		const moving = moveWorkers(cluster, target.set, { ...options, timeoutMs: 1_000, signal });
		await expect(moving).rejects.toMatchObject(wrongCluster);
		await expect(retirePrevious(cluster, target.set, options)).rejects.toMatchObject(wrongCluster);
	});

	/** An operation as a release runs it whose environment names another cluster; it has to refuse before it asks the ledger anything. */
	const runPinned = async <P>(operation: Operation<P>): Promise<unknown> => {
		const { namespace, workloads } = target.set;
		const { context: reader } = fakeExecuteContext({
			parameters: { namespace, workloads, images: target.image('good'), clusterUid: ELSEWHERE },
		});
		return await operation.run({
			parameters: operation.readParameters(reader, 0),
			release: { id: 'r-3', token: 3 },
			signal,
			clock,
			open: async () => await Promise.resolve(cluster as never),
			recorded: async () => await Promise.resolve(undefined),
			runWorkflow: async () => await Promise.reject(new Error('no operation of this node calls a workflow')),
			readBinary: async () => await Promise.reject(new Error('no operation of this node reads a file')),
			log: () => undefined,
		});
	};

	it('is neither asked for other versions nor given a schema floor', async () => {
		await expect(runPinned(checkOtherVersions)).rejects.toMatchObject(wrongCluster);
		await expect(runPinned(raiseSchemaFloor)).rejects.toMatchObject(wrongCluster);
		const set: ReleaseSet = { ...target.set, namespace: 'default' };
		const images = target.image('good');
		const missing = {
			code: 'ROLLOUT.NOT_FOUND',
			message: expect.stringMatching(/in namespace default$/) as unknown,
		};
		await expect(findOtherVersions(cluster, set, images)).rejects.toMatchObject(missing);
		const floor = { release: 'r-3', token: 3, version: '2026.11.2', since: clock.now().toISOString() };
		const written = writeSchemaFloor(cluster, set, { floor, images, fence: undefined });
		await expect(written).rejects.toMatchObject(missing);
	});

	it('is told by the pin of the environment before it is told by the record', async () => {
		await expect(goBack(await recordIn(undefined), ELSEWHERE)).rejects.toMatchObject(wrongCluster);
		await expect(goBack(await recordIn(ELSEWHERE), here)).resolves.toMatchObject({ alreadyThere: true });
	});

	it('does not stop a rollback where it may not be told, and that is a warning', async () => {
		const asked = { verb: 'get', kind: 'namespaces', name: 'kube-system', namespace: 'kube-system' };
		const blind: Cluster = {
			...cluster,
			readClusterUid: async () => await Promise.reject(rolloutErrors.FORBIDDEN(asked)),
		};
		const { alreadyThere, warnings } = await goBack(await recordIn(here), '', blind);
		expect(alreadyThere).toBe(true);
		expect(warnings).toEqual([expect.stringContaining('that this is the recorded cluster is not proven')]);
	});

	it('is a namespace that has none of the workloads: each step says what is missing, and where', async () => {
		const set: ReleaseSet = { ...target.set, namespace: 'default' };
		const images = target.image('good');
		const record = await recordIn(here);
		const options = { images, fence: undefined, record };
		const wait = { settleMs: 1_000, clock, signal };
		const back = { record, idleBefore: [], scaleDownReplaced: false, timeoutMs: 1_000, images };
		const writers = { namespace: 'default', deployments: ['backend-blue'], fence: undefined };
		for (const step of [
			async () => await recordLive(cluster, set, { fence: undefined }),
			async () => await setImage(cluster, set, options),
			async () => await switchTraffic(cluster, set, { ...options, ...wait }),
			async () => await rollBack(cluster, set, { ...back, fence: undefined, clock, signal }),
			async () => await freezeWriters(cluster, writers, { timeoutMs: 1_000, clock, signal }),
		])
			await expect(step()).rejects.toMatchObject({
				code: 'ROLLOUT.NOT_FOUND',
				message: expect.stringMatching(
					/^There is no (services|deployments) .* in namespace default$/,
				) as unknown,
			});
	});
});
