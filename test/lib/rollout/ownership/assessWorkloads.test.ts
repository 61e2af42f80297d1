import {
	assessScalers,
	assessUndeclared,
	assessWorkerScalers,
	repositoryOf,
} from '../../../../lib/rollout/ownership/assessWorkloads';
import { parseOwnership } from '../../../../lib/rollout/ownership/parseOwnership';
import { REPOSITORY, WORKER, WORKLOAD } from '../facts';

const SET = { namespace: 'production', workloads: [WORKLOAD] };

it('finds who runs the image of a workload and was not declared', () => {
	const running = [
		{ object: 'Deployment/api-blue', images: [`${REPOSITORY}:1`] },
		{ object: 'Deployment/api-worker', images: ['busybox', `${REPOSITORY}:1`] },
		{ object: 'CronJob/nightly', images: [`${REPOSITORY}@sha256:${'a'.repeat(64)}`] },
		{ object: 'StatefulSet/other', images: [`${REPOSITORY}-other:1`] },
	];
	expect(assessUndeclared(running, SET, []).map(({ name }) => name)).toEqual([
		'undeclared:Deployment/api-worker',
		'undeclared:CronJob/nightly',
	]);
	const declared = [{ object: 'Deployment/api-worker', role: 'worker' as const }];
	expect(assessUndeclared(running, SET, declared).map(({ name }) => name)).toEqual(['undeclared:CronJob/nightly']);
});

it('knows both colours of a worker', () => {
	const running = ['consumer-blue', 'consumer-green', 'other'].map((name) => ({
		object: `Deployment/${name}`,
		images: [`${REPOSITORY}:1`],
	}));
	expect(assessUndeclared(running, { ...SET, workers: [WORKER] }, []).map(({ name }) => name)).toEqual([
		'undeclared:Deployment/other',
	]);
});

it.each([
	['of KEDA, whatever its minimum', 'ScaledObject/s', 1, true],
	['whose minimum is 0', 'HorizontalPodAutoscaler/h', 0, true],
	['whose minimum is 1', 'HorizontalPodAutoscaler/h', 1, false],
])('an autoscaler of a worker %s: may start the colour that is stopped: %s', (_, object, least, isFound) => {
	const set = { ...SET, workers: [WORKER] };
	const scaler = { object, deployment: 'consumer-green', least, most: 5 };
	expect(assessWorkerScalers([scaler], set).map(({ name }) => name)).toEqual(isFound ? [`autoscaler:${object}`] : []);
	expect(assessWorkerScalers([{ ...scaler, deployment: 'other' }], set)).toEqual([]);
});

it.each([
	['api:1', 'api'],
	['host:5000/api', 'host:5000/api'],
	['host:5000/team/api:1.2@sha256:abc', 'host:5000/team/api'],
	['', ''],
])('the repository of %j is %j', (image, repository) => {
	expect(repositoryOf(image)).toBe(repository);
});

it.each([
	['may shrink the idle colour', 1, 10, 'as few as 1'],
	['cannot grow as large', 4, 3, 'at most 3'],
	['holds what is live', 4, 10, undefined],
])('an autoscaler that %s', (_, least, most, problem) => {
	const live = new Map([['api-green', 4]]);
	const found = assessScalers([{ object: 'ScaledObject/s', deployment: 'api-green', least, most }], live);
	expect(found.map((finding) => finding.problem.includes(problem ?? '?'))).toEqual(
		problem === undefined ? [] : [true],
	);
	expect(assessScalers([{ object: 'ScaledObject/s', deployment: 'other', least: 0, most: 1 }], live)).toEqual([]);
});

it.each([
	[undefined, { declared: [], accepted: [] }],
	['', { declared: [], accepted: [] }],
	[
		'{"others":[{"object":"CronJob/nightly","role":"cron"}],"accepted":["gitops:Service/api"]}',
		{ declared: [{ object: 'CronJob/nightly', role: 'cron' }], accepted: ['gitops:Service/api'] },
	],
])('ownership is read from %j', (value, read) => {
	expect(parseOwnership(value)).toEqual(read);
});

it.each([
	['a role that blue-green moves', { others: [{ object: 'Deployment/x', role: 'web' }] }],
	['no kind', { others: [{ object: 'x', role: 'cron' }] }],
	['a word for all', { accepted: ['*'] }],
	['a field that is none', { accept: [] }],
])('ownership with %s is refused', (_, value) => {
	expect(() => parseOwnership(value)).toThrow('ownership');
});
