import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connectToApi } from './connectToApi';
import { deploymentBody, imageOf, playKubelet } from './playKubelet';
import type { Api, ApiObject, ObjectList } from './connectToApi';
import type { PlayedKubelet } from './playKubelet';

const revision = 'deployment.kubernetes.io/revision';
const mergePatch = 'application/merge-patch+json';
const strategicPatch = 'application/strategic-merge-patch+json';

interface Condition {
	readonly type: string;
	readonly status: string;
	readonly reason: string;
}

describe('rollouts', () => {
	let api: Api;
	let kubelet: PlayedKubelet;
	let namespace: string;
	let deployments: string;
	let replicaSets: string;
	let pods: string;

	beforeAll(async () => {
		api = connectToApi();
		namespace = await api.createNamespace();
		deployments = `/apis/apps/v1/namespaces/${namespace}/deployments`;
		replicaSets = `/apis/apps/v1/namespaces/${namespace}/replicasets`;
		pods = `/api/v1/namespaces/${namespace}/pods`;
		kubelet = await playKubelet(api, namespace);
	});
	afterAll(async () => {
		await kubelet.stop();
		await api.close();
	});

	const create = (name: string, image: string, spec: object = {}) =>
		api.call('POST', deployments, { body: deploymentBody(name, image, { ...spec }) });
	const patch = (name: string, body: object, contentType = mergePatch) =>
		api.call('PATCH', `${deployments}/${name}`, { body, contentType });
	const setImage = (name: string, image: string) =>
		patch(name, { spec: { template: { spec: { containers: [{ name: 'main', image }] } } } }, strategicPatch);
	const complete = (name: string) => api.until(deployments, name, isComplete);
	const ofDeployment = async (collection: string, name: string) => {
		const { body } = await api.call<ObjectList>('GET', `${collection}?labelSelector=app%3D${name}`);
		return body.items;
	};
	/** The ReplicaSets by image: revision annotation and wanted replicas. */
	const history = async (name: string) => {
		const sets = await ofDeployment(replicaSets, name);
		return Object.fromEntries(
			sets.map((set) => [
				imageOf(set.spec?.['template'] as ApiObject),
				{ revision: set.metadata.annotations?.[revision], replicas: set.spec?.['replicas'] },
			]),
		);
	};

	it('rolls a new deployment out as revision 1', async () => {
		await create('first', 'web:1', { replicas: 3 });
		const done = await complete('first');
		expect(done.metadata.annotations?.[revision]).toBe('1');
		expect(done.metadata.generation).toBe(1);
		expect(done.status).toMatchObject({
			observedGeneration: 1,
			replicas: 3,
			updatedReplicas: 3,
			readyReplicas: 3,
			availableReplicas: 3,
		});
		expect(done.status?.['unavailableReplicas']).toBeUndefined();
		expect(condition(done, 'Available')).toMatchObject({ status: 'True', reason: 'MinimumReplicasAvailable' });
		expect(condition(done, 'Progressing')).toMatchObject({ status: 'True', reason: 'NewReplicaSetAvailable' });
		expect(await history('first')).toEqual({ 'web:1': { revision: '1', replicas: 3 } });
		const [set] = await ofDeployment(replicaSets, 'first');
		const hash = set?.metadata.labels?.['pod-template-hash'];
		expect(set?.metadata.name).toBe(`first-${hash}`);
		for (const pod of await ofDeployment(pods, 'first')) {
			expect(pod.metadata.labels).toEqual({ app: 'first', 'pod-template-hash': hash });
			expect(pod.metadata.ownerReferences).toMatchObject([
				{ kind: 'ReplicaSet', uid: set?.metadata.uid, controller: true },
			]);
		}
	});

	it('gives every new template the next revision and keeps the old ReplicaSets at zero', async () => {
		await create('numbered', 'web:1');
		await complete('numbered');
		await setImage('numbered', 'web:2');
		const done = await api.until(
			deployments,
			'numbered',
			(object) => isComplete(object) && object.metadata.generation === 2,
		);
		expect(done.metadata.annotations?.[revision]).toBe('2');
		expect(await history('numbered')).toEqual({
			'web:1': { revision: '1', replicas: 0 },
			'web:2': { revision: '2', replicas: 1 },
		});
	});

	it('takes the old ReplicaSet again on a rollback and gives it the next revision', async () => {
		await create('back', 'web:1');
		await complete('back');
		const [original] = await ofDeployment(replicaSets, 'back');
		await setImage('back', 'web:2');
		await api.until(deployments, 'back', (object) => isComplete(object) && object.metadata.generation === 2);
		await setImage('back', 'web:1');
		const done = await api.until(
			deployments,
			'back',
			(object) => isComplete(object) && object.metadata.generation === 3,
		);
		expect(done.metadata.annotations?.[revision]).toBe('3');
		expect(await history('back')).toEqual({
			'web:2': { revision: '2', replicas: 0 },
			'web:1': { revision: '3', replicas: 1 },
		});
		const again = (await ofDeployment(replicaSets, 'back')).find(
			({ metadata }) => metadata.uid === original?.metadata.uid,
		);
		expect(again?.metadata.annotations).toMatchObject({
			[revision]: '3',
			'deployment.kubernetes.io/revision-history': '1',
		});
	});

	it('never has more pods than the surge nor fewer available than allowed', async () => {
		await create('gentle', 'web:1', { replicas: 4 });
		await complete('gentle');
		const seen: { total: number; available: number }[] = [];
		const watch = api.watch(`${deployments}?fieldSelector=metadata.name%3Dgentle`, ({ object: { status } }) => {
			seen.push({
				total: Number(status?.['replicas'] ?? 0),
				available: Number(status?.['availableReplicas'] ?? 0),
			});
		});
		await setImage('gentle', 'web:2');
		await api.until(deployments, 'gentle', (object) => isComplete(object) && object.metadata.generation === 2);
		watch.stop();
		await watch.ended;
		expect(seen.length).toBeGreaterThan(3);
		expect(Math.max(...seen.map(({ total }) => total))).toBe(5);
		expect(Math.min(...seen.map(({ available }) => available))).toBeGreaterThanOrEqual(3);
	});

	it('keeps enough old pods serving when the new ones never become ready, and says that the deadline passed', async () => {
		await create('stuck', 'web:1', { replicas: 4, progressDeadlineSeconds: 2 });
		await complete('stuck');
		await setImage('stuck', 'web:bad');
		const late = await api.until(
			deployments,
			'stuck',
			(object) => condition(object, 'Progressing')?.status === 'False',
		);
		expect(condition(late, 'Progressing')).toMatchObject({ reason: 'ProgressDeadlineExceeded' });
		expect(condition(late, 'Available')).toMatchObject({ status: 'True' });
		expect(late.status).toMatchObject({
			observedGeneration: 2,
			availableReplicas: 3,
			updatedReplicas: 2,
			replicas: 5,
		});
		expect(await history('stuck')).toEqual({
			'web:1': { revision: '1', replicas: 3 },
			'web:bad': { revision: '2', replicas: 2 },
		});
		await setImage('stuck', 'web:1');
		const back = await api.until(
			deployments,
			'stuck',
			(object) => isComplete(object) && object.metadata.generation === 3,
		);
		expect(condition(back, 'Progressing')).toMatchObject({ status: 'True', reason: 'NewReplicaSetAvailable' });
		expect(back.metadata.annotations?.[revision]).toBe('3');
	});

	it('leaves a paused deployment alone until it is resumed', async () => {
		await create('paused', 'web:1');
		await complete('paused');
		await patch('paused', { spec: { paused: true } });
		await setImage('paused', 'web:2');
		const held = await api.until(deployments, 'paused', ({ status }) => status?.['observedGeneration'] === 3);
		expect(condition(held, 'Progressing')).toMatchObject({ status: 'Unknown', reason: 'DeploymentPaused' });
		expect(held.status?.['updatedReplicas']).toBeUndefined();
		expect(await history('paused')).toEqual({ 'web:1': { revision: '1', replicas: 1 } });
		await patch('paused', { spec: { paused: false } });
		await api.until(deployments, 'paused', (object) => isComplete(object) && object.metadata.generation === 4);
		expect(await history('paused')).toMatchObject({ 'web:2': { revision: '2', replicas: 1 } });
	});

	it('ends every old pod before the first new one when the strategy is Recreate', async () => {
		await create('single', 'web:1', { replicas: 2, strategy: { type: 'Recreate' } });
		await complete('single');
		const tags = new Map<string, string>();
		const mixtures: string[][] = [];
		const watch = api.watch(`${pods}?labelSelector=app%3Dsingle`, ({ type, object }) => {
			if (type === 'DELETED') tags.delete(object.metadata.name);
			else tags.set(object.metadata.name, imageOf(object));
			mixtures.push([...new Set(tags.values())]);
		});
		await setImage('single', 'web:2');
		await api.until(deployments, 'single', (object) => isComplete(object) && object.metadata.generation === 2);
		watch.stop();
		await watch.ended;
		expect(mixtures.some((images) => images.includes('web:2'))).toBe(true);
		expect(mixtures.filter((images) => images.length > 1)).toEqual([]);
	});

	it('keeps as many old ReplicaSets as the history limit says', async () => {
		await create('short', 'web:1', { revisionHistoryLimit: 1 });
		await complete('short');
		for (const [index, image] of ['web:2', 'web:3'].entries()) {
			await setImage('short', image);
			await api.until(
				deployments,
				'short',
				(object) => isComplete(object) && object.metadata.generation === index + 2,
			);
		}
		await api.untilAll(`${replicaSets}?labelSelector=app%3Dshort`, (sets) => sets.length === 2);
		expect(Object.keys(await history('short')).sort()).toEqual(['web:2', 'web:3']);
	});

	it('counts a pod as available only after minReadySeconds', async () => {
		await create('slow', 'web:1', { minReadySeconds: 2 });
		const ready = await api.until(deployments, 'slow', ({ status }) => status?.['readyReplicas'] === 1);
		expect(ready.status?.['availableReplicas']).toBeUndefined();
		expect((await complete('slow')).status).toMatchObject({ availableReplicas: 1 });
	});

	it('replaces a pod that was deleted and follows one that stops being ready', async () => {
		await create('healing', 'web:1', { replicas: 2 });
		await complete('healing');
		const [one, two] = await ofDeployment(pods, 'healing');
		await api.call('DELETE', `${pods}/${one?.metadata.name}`);
		await api.untilAll(`${pods}?labelSelector=app%3Dhealing`, (found) => {
			return found.length === 2 && found.every(({ metadata }) => metadata.uid !== one?.metadata.uid);
		});
		await complete('healing');
		await kubelet.report(two?.metadata.name ?? '', 'not-ready');
		const hurt = await api.until(deployments, 'healing', ({ status }) => status?.['readyReplicas'] === 1);
		expect(hurt.status).toMatchObject({ availableReplicas: 1, unavailableReplicas: 1 });
		expect(condition(hurt, 'Available')).toMatchObject({ status: 'False', reason: 'MinimumReplicasUnavailable' });
	});

	it('releases a pod that is relabelled, replaces it, and takes it back when its label returns', async () => {
		await create('examined', 'web:1');
		await complete('examined');
		const [pod] = await ofDeployment(pods, 'examined');
		const name = pod?.metadata.name ?? '';
		const relabel = (app: string) =>
			api.call('PATCH', `${pods}/${name}`, { body: { metadata: { labels: { app } } }, contentType: mergePatch });
		await relabel('quarantine');
		const released = await api.until(pods, name, ({ metadata }) => (metadata.ownerReferences ?? []).length === 0);
		expect(released.metadata.deletionTimestamp).toBeUndefined();
		await api.untilAll(`${pods}?labelSelector=app%3Dexamined`, (found) => {
			return found.length === 1 && found.every(({ metadata }) => metadata.uid !== pod?.metadata.uid);
		});
		await complete('examined');
		await relabel('examined');
		const left = await api.untilAll(`${pods}?labelSelector=app%3Dexamined`, (found) => {
			return found.length === 1 && found.every(({ metadata }) => (metadata.ownerReferences ?? []).length === 1);
		});
		expect(left).toHaveLength(1);
	});

	it('takes the pods that are not ready away first when scaling down', async () => {
		await create('choosy', 'web:1', { replicas: 3 });
		await complete('choosy');
		const [weak] = await ofDeployment(pods, 'choosy');
		await kubelet.report(weak?.metadata.name ?? '', 'not-ready');
		await api.until(deployments, 'choosy', ({ status }) => status?.['readyReplicas'] === 2);
		await patch('choosy', { spec: { replicas: 2 } });
		await complete('choosy');
		const left = await api.untilAll(`${pods}?labelSelector=app%3Dchoosy`, (found) => found.length === 2);
		expect(left.map(({ metadata }) => metadata.uid)).not.toContain(weak?.metadata.uid);
	});

	it('raises the generation for what is asked, never for what is reported', async () => {
		await create('counted', 'web:1');
		const done = await complete('counted');
		expect(done.metadata.generation).toBe(1);
		const labelled = await patch('counted', { metadata: { labels: { team: 'a' } } });
		expect(labelled.body.metadata.generation).toBe(1);
		const status = { ...done.status, replicas: 7 };
		const reported = await api.call('PATCH', `${deployments}/counted/status`, {
			body: { status },
			contentType: mergePatch,
		});
		expect(reported.body.metadata.generation).toBe(1);
		const asked = await patch('counted', { spec: { minReadySeconds: 0, replicas: 2 }, status: { replicas: 9 } });
		expect(asked.body.metadata.generation).toBe(2);
		expect(asked.body.status?.['replicas']).not.toBe(9);
		await api.until(
			deployments,
			'counted',
			(object) => isComplete(object) && object.status?.['observedGeneration'] === 2,
		);
	});

	it('counts an annotation of a deployment as an edit and hands it to the ReplicaSet', async () => {
		await create('noted', 'web:1');
		await complete('noted');
		const noted = await patch('noted', { metadata: { annotations: { 'release.test/id': 'r1' } } });
		expect(noted.body.metadata.generation).toBe(2);
		await api.until(deployments, 'noted', ({ status }) => status?.['observedGeneration'] === 2);
		const [set] = await ofDeployment(replicaSets, 'noted');
		expect(set?.metadata.annotations).toMatchObject({ 'release.test/id': 'r1', [revision]: '1' });
	});

	it('deletes ReplicaSets and pods with their deployment', async () => {
		await create('gone', 'web:1', { replicas: 2 });
		await complete('gone');
		await api.call('DELETE', `${deployments}/gone`);
		await api.untilAll(`${replicaSets}?labelSelector=app%3Dgone`, (sets) => sets.length === 0);
		await api.untilAll(`${pods}?labelSelector=app%3Dgone`, (found) => found.length === 0);
	});

	it('leaves ReplicaSets and pods without their owner when they are to be orphaned', async () => {
		await create('orphaned', 'web:1');
		await complete('orphaned');
		await api.call('DELETE', `${deployments}/orphaned`, { body: { propagationPolicy: 'Orphan' } });
		await api.untilAll(deployments, (found) => found.every(({ metadata }) => metadata.name !== 'orphaned'));
		const [set] = await ofDeployment(replicaSets, 'orphaned');
		expect(set?.metadata.ownerReferences ?? []).toEqual([]);
		expect(await ofDeployment(pods, 'orphaned')).toHaveLength(1);
	});
});

/** What `kubectl rollout status` waits for. */
function isComplete({ metadata, spec, status }: ApiObject): boolean {
	const wanted = spec?.['replicas'];
	return (
		Number(status?.['observedGeneration'] ?? 0) >= (metadata.generation ?? 0) &&
		['updatedReplicas', 'replicas', 'availableReplicas'].every((field) => (status?.[field] ?? 0) === wanted)
	);
}

function condition({ status }: ApiObject, type: string): Condition | undefined {
	return (status?.['conditions'] as Condition[] | undefined)?.find((found) => found.type === type);
}
