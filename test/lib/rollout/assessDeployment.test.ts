import { describe, expect, it } from '@jest/globals';
import { assessDeployment } from '../../../lib/rollout/assessDeployment';
import type { DeploymentFacts, PodFacts } from '../../../lib/rollout/model';
import { podsOfRevision } from '../../../lib/rollout/readRolloutState';
import { deployment, NEW, OLD, pod, REPOSITORY } from './facts';

const EXPECTED = { container: 'app', digest: NEW, replicas: 2 };
const PODS = [pod('p1'), pod('p2')];
const condition = (type: string, reason: string, status = 'True', message = 'why') => ({
	conditions: [{ type, status, reason, message }],
});

type Row = [promise: string, deployment: Partial<DeploymentFacts>, pods: PodFacts[], state: string, reason?: RegExp];
const ROWS: Row[] = [
	['complete: all updated, available, and running the digest', {}, PODS, 'complete'],
	[
		'a tag counts by what the runtime reports',
		{ containers: [{ name: 'app', image: `${REPOSITORY}:1` }] },
		[1, 2].map((n) => pod(`p${n}`, {}, { image: `${REPOSITORY}:1` })),
		'complete',
	],
	[
		'a pod on its way out is not asked',
		{},
		[
			...PODS,
			pod(
				'old',
				{ terminating: true, ready: false },
				{ image: `${REPOSITORY}@${OLD}`, waitingReason: 'CrashLoopBackOff' },
			),
		],
		'complete',
	],
	['restarts of a pod that became ready are the past', {}, [pod('p1', {}, { restarts: 9 }), pod('p2')], 'complete'],
	[
		'generation ahead: perfect numbers are of the change before',
		{ generation: 4 },
		PODS,
		'progressing',
		/not seen the change/,
	],
	[
		'a pause that the controller has not seen is not yet judged',
		{ generation: 4, paused: true },
		PODS,
		'progressing',
	],
	['one pod not updated', { updated: 1 }, PODS, 'progressing', /1 of 2 pods are updated/],
	['old pods still there', { total: 3 }, PODS, 'progressing', /1 old pods/],
	['one pod not available', { available: 1 }, PODS, 'progressing', /1 of 2 pods are available/],
	[
		'fewer replicas asked for than needed',
		{ wanted: 1, updated: 1, total: 1, available: 1 },
		[pod('p1')],
		'progressing',
		/1 replicas are asked for, 2 are needed/,
	],
	['the status is ahead of the pods', {}, [pod('p1')], 'progressing', /1 of 2 pods are ready/],
	['no pod at all behind a perfect status', {}, [], 'progressing', /0 of 2/],
	[
		'a pod with another digest',
		{},
		[pod('p1'), pod('p2', {}, { image: `${REPOSITORY}@${OLD}` })],
		'progressing',
		/pod p2 runs sha256:a/,
	],
	[
		'a pod whose image is not known yet',
		{ containers: [{ name: 'app', image: `${REPOSITORY}:1` }] },
		[pod('p1', {}, { image: `${REPOSITORY}:1`, imageId: '' })],
		'progressing',
		/an unknown image/,
	],
	[
		'a pod without the container',
		{},
		[pod('p1', { containers: [] }), pod('p2')],
		'progressing',
		/p1 runs an unknown image/,
	],
	[
		'ErrImagePull may pass',
		{ available: 1 },
		[pod('p1', { ready: false }, { ready: false, waitingReason: 'ErrImagePull' }), pod('p2')],
		'progressing',
	],
	[
		'one restart may pass',
		{ available: 1 },
		[pod('p1', { ready: false }, { ready: false, restarts: 1 }), pod('p2')],
		'progressing',
	],
	['scaled to zero is not success', { wanted: 0, total: 0, updated: 0, available: 0 }, [], 'failed', /scaled to 0/],
	['paused', { paused: true }, PODS, 'failed', /paused/],
	[
		'past its progress deadline',
		{ available: 1, ...condition('Progressing', 'ProgressDeadlineExceeded', 'False') },
		PODS,
		'failed',
		/ProgressDeadlineExceeded: why/,
	],
	[
		'replicas refused by quota or admission',
		{ available: 1, ...condition('ReplicaFailure', 'FailedCreate') },
		PODS,
		'failed',
		/ReplicaFailure: why/,
	],
	['a refusal that is over', condition('ReplicaFailure', 'FailedCreate', 'False'), PODS, 'complete'],
	[
		'somebody set another image',
		{ containers: [{ name: 'app', image: `${REPOSITORY}@${OLD}` }] },
		PODS,
		'failed',
		/asks for sha256:a/,
	],
	['no such container', { containers: [{ name: 'web', image: 'x' }] }, PODS, 'failed', /no container app/],
	[
		'crash loop',
		{ available: 1 },
		[
			pod(
				'p1',
				{ ready: false },
				{ ready: false, waitingReason: 'CrashLoopBackOff', waitingMessage: 'back-off 10s' },
			),
		],
		'failed',
		/pod p1, container app: CrashLoopBackOff \(back-off 10s\)/,
	],
	[
		'two restarts without becoming ready, between two crashes',
		{ available: 1 },
		[pod('p1', { ready: false }, { ready: false, restarts: 2 })],
		'failed',
		/restarted 2 times/,
	],
	[
		'image cannot be pulled',
		{ available: 1 },
		[pod('p1', { ready: false }, { ready: false, waitingReason: 'ImagePullBackOff', imageId: '' })],
		'failed',
		/ImagePullBackOff/,
	],
	[
		'a crash is told before the progress deadline, as it says more',
		{ available: 1, ...condition('Progressing', 'ProgressDeadlineExceeded', 'False') },
		[pod('p1', {}, { ready: false, waitingReason: 'CrashLoopBackOff' })],
		'failed',
		/CrashLoopBackOff/,
	],
];

describe('assessDeployment', () => {
	it.each(ROWS.map(([promise, changes, pods, state, reason]) => [promise, changes, pods, state, reason] as const))(
		'%s',
		(_promise, changes, pods, state, reason) => {
			const result = assessDeployment(deployment(changes), pods, EXPECTED);
			expect(result.state).toBe(state);
			if (reason) expect('reason' in result && result.reason).toMatch(reason);
		},
	);

	it('names the pod to look at', () => {
		const pods = [pod('p1'), pod('p2', { ready: false }, { ready: false, waitingReason: 'CrashLoopBackOff' })];
		expect(assessDeployment(deployment({ available: 1 }), pods, EXPECTED)).toEqual({
			state: 'failed',
			reason: 'pod p2, container app: CrashLoopBackOff',
			pod: { name: 'p2', container: 'app', reason: 'CrashLoopBackOff' },
		});
	});
});

describe('podsOfRevision', () => {
	const hashed = (name: string, hash: string): PodFacts => pod(name, { labels: { 'pod-template-hash': hash } });
	const sets = [
		{ name: 'api-green-1', owner: 'api-green', revision: '2', templateHash: 'old' },
		{ name: 'other-1', owner: 'other', revision: '3', templateHash: 'foreign' },
		{ name: 'api-green-2', owner: 'api-green', revision: '3', templateHash: 'new' },
	];
	it('leaves out the pods of older revisions, so that their crashes are not blamed on the new one', () => {
		expect(
			podsOfRevision(deployment(), sets, [hashed('a', 'old'), hashed('b', 'new')]).map(({ name }) => name),
		).toEqual(['b']);
	});
	it('takes all pods while the revision has no ReplicaSet yet', () => {
		expect(podsOfRevision(deployment({ revision: '4' }), sets, [hashed('a', 'old')])).toHaveLength(1);
	});
});
