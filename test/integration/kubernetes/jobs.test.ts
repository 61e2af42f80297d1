import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connectToApi } from './connectToApi';
import type { Api, ApiObject, Refusal } from './connectToApi';

const mergePatch = 'application/merge-patch+json';

/** Nobody runs the pods of this namespace: the test reports how they end. */
describe('jobs', () => {
	let api: Api;
	let namespace = '';
	let jobs = '';
	let pods = '';

	beforeAll(async () => {
		api = connectToApi();
		namespace = await api.createNamespace();
		jobs = `/apis/batch/v1/namespaces/${namespace}/jobs`;
		pods = `/api/v1/namespaces/${namespace}/pods`;
	});
	afterAll(async () => {
		await api.call('DELETE', `/api/v1/namespaces/${namespace}`);
		await api.close();
	});

	const create = (name: string, spec: object = {}, podSpec: object = { restartPolicy: 'Never' }) =>
		api.call<ApiObject & Refusal>('POST', jobs, {
			body: {
				apiVersion: 'batch/v1',
				kind: 'Job',
				metadata: { name },
				spec: {
					...spec,
					template: { spec: { containers: [{ name: 'suite', image: 'tests:1' }], ...podSpec } },
				},
			},
		});
	const podsOf = async (name: string): Promise<ApiObject[]> => {
		const { body } = await api.call<{ items: ApiObject[] }>('GET', `${pods}?labelSelector=job-name%3D${name}`);
		return body.items;
	};
	const podOf = async (name: string): Promise<ApiObject> => {
		await api.untilAll(pods, (all) => all.some(({ metadata }) => metadata.labels?.['job-name'] === name));
		return (await podsOf(name))[0]!;
	};
	const end = async (pod: ApiObject, phase: 'Succeeded' | 'Failed') =>
		await api.call('PATCH', `${pods}/${pod.metadata.name}/status`, {
			body: { status: { phase } },
			contentType: mergePatch,
		});
	const conditionOf = ({ status }: ApiObject, type: string) =>
		(status?.['conditions'] as Array<{ type: string; status: string; reason: string }> | undefined)?.find(
			(one) => one.type === type,
		);

	it('a pod that succeeds completes its job', async () => {
		expect(await create('good')).toMatchObject({ status: 201 });
		const pod = await podOf('good');
		expect(pod.metadata.labels).toMatchObject({ 'batch.kubernetes.io/job-name': 'good' });
		await end(pod, 'Succeeded');
		const done = await api.until(jobs, 'good', (job) => conditionOf(job, 'Complete') !== undefined);
		expect(conditionOf(done, 'Complete')).toMatchObject({ status: 'True', reason: 'CompletionsReached' });
		expect(done.status).toMatchObject({ succeeded: 1 });
		expect(done.status?.['completionTime']).toBeDefined();
	});

	it('one that fails, with no further try allowed, fails it', async () => {
		await create('bad', { backoffLimit: 0 });
		await end(await podOf('bad'), 'Failed');
		const done = await api.until(jobs, 'bad', (job) => conditionOf(job, 'Failed') !== undefined);
		expect(conditionOf(done, 'Failed')).toMatchObject({ status: 'True', reason: 'BackoffLimitExceeded' });
		expect(await podsOf('bad')).toHaveLength(1);
	});

	it('its deadline ends it and its pod', async () => {
		await create('late', { activeDeadlineSeconds: 1 });
		await podOf('late');
		const done = await api.until(jobs, 'late', (job) => conditionOf(job, 'Failed') !== undefined);
		expect(conditionOf(done, 'Failed')).toMatchObject({ reason: 'DeadlineExceeded' });
	});

	it('is deleted with its pods', async () => {
		await create('gone');
		await podOf('gone');
		await api.call('DELETE', `${jobs}/gone`, { body: { propagationPolicy: 'Background' } });
		await api.untilAll(pods, (all) =>
			all.every(
				({ metadata }) => metadata.labels?.['job-name'] !== 'gone' || metadata.deletionTimestamp !== undefined,
			),
		);
		expect(await api.call('GET', `${jobs}/gone`)).toMatchObject({ status: 404 });
	});

	it('refuses a pod that is always started again, and a second job of the same name', async () => {
		expect(await create('always', {}, {})).toMatchObject({ status: 422 });
		await create('twice');
		expect(await create('twice')).toMatchObject({ status: 409, body: { reason: 'AlreadyExists' } });
	});
});
