import type { V1ContainerState, V1ContainerStatus, V1Pod, V1PodCondition, V1PodStatus } from '@kubernetes/client-node';
import type { Plain } from './plain.ts';

type Condition = Plain<V1PodCondition>;

/** What the kubelet knows of a pod's one container; the pod's status is a function of it. */
export interface PodFacts {
	readonly podIp: string;
	readonly state: ContainerStateFacts;
	/** Absent before the container first ended. */
	readonly lastEnd?: EndedContainer | undefined;
	readonly restartCount: number;
	/** What the readiness probe says. */
	readonly ready: boolean;
	/** Absent before the image was pulled. */
	readonly imageId?: string | undefined;
	/** Absent before the container first started. */
	readonly containerId?: string | undefined;
	/** True when the container ended and will not be started again. */
	readonly finished: boolean;
}

export type ContainerStateFacts =
	| { readonly kind: 'waiting'; readonly reason: string; readonly message?: string }
	| { readonly kind: 'running'; readonly startedAt: Date }
	| { readonly kind: 'ended'; readonly end: EndedContainer };

export interface EndedContainer {
	readonly exitCode: number;
	readonly startedAt: Date;
	readonly finishedAt: Date;
	readonly containerId: string;
}

/** Says the facts in the API's words; keeps the transition times of conditions that did not change, and conditions of others. */
export function buildPodStatus(pod: V1Pod, facts: PodFacts, now: Date): Plain<V1PodStatus> {
	const ready = facts.state.kind === 'running' && facts.ready && !pod.metadata?.deletionTimestamp;
	const notReady = facts.finished ? 'PodCompleted' : 'ContainersNotReady';
	const own = [
		condition('PodScheduled', true),
		condition('Initialized', true),
		condition('ContainersReady', ready, notReady),
		condition('Ready', ready, notReady),
	];
	const previous: readonly Condition[] = pod.status?.conditions ?? [];
	return {
		phase: phaseOf(facts),
		podIP: facts.podIp,
		podIPs: [{ ip: facts.podIp }],
		hostIP: '127.0.0.1',
		startTime: pod.status?.startTime ?? now,
		conditions: [
			...own.map((entry) => withTransition(entry, previous, now)),
			...previous.filter(({ type }) => own.every((entry) => entry.type !== type)),
		],
		containerStatuses:
			pod.spec?.containers
				.slice(0, 1)
				.map(({ name, image }) => containerStatus(name, image ?? '', facts, ready)) ?? [],
	};
}

function phaseOf({ state, finished, containerId }: PodFacts): string {
	if (finished) return state.kind === 'ended' && state.end.exitCode === 0 ? 'Succeeded' : 'Failed';
	return containerId === undefined ? 'Pending' : 'Running';
}

function condition(type: string, holds: boolean, reason?: string): Condition {
	return holds || reason === undefined
		? { type, status: holds ? 'True' : 'False' }
		: { type, status: 'False', reason };
}

function withTransition(entry: Condition, previous: readonly Condition[], now: Date): Condition {
	const before = previous.find(({ type }) => type === entry.type);
	const unchanged = before?.status === entry.status && before.lastTransitionTime !== undefined;
	return { ...entry, lastTransitionTime: unchanged ? before.lastTransitionTime : now } as Condition;
}

function containerStatus(name: string, image: string, facts: PodFacts, ready: boolean): Plain<V1ContainerStatus> {
	return {
		name,
		image,
		imageID: facts.imageId ?? '',
		...(facts.containerId === undefined ? {} : { containerID: facts.containerId }),
		ready,
		started: facts.state.kind === 'running',
		restartCount: facts.restartCount,
		state: stateOf(facts.state),
		lastState: facts.lastEnd ? { terminated: terminated(facts.lastEnd) } : {},
	};
}

function stateOf(state: ContainerStateFacts): Plain<V1ContainerState> {
	switch (state.kind) {
		case 'waiting':
			return {
				waiting: { reason: state.reason, ...(state.message === undefined ? {} : { message: state.message }) },
			};
		case 'running':
			return { running: { startedAt: state.startedAt } };
		case 'ended':
			return { terminated: terminated(state.end) };
	}
}

function terminated({
	exitCode,
	startedAt,
	finishedAt,
	containerId,
}: EndedContainer): NonNullable<Plain<V1ContainerState>['terminated']> {
	return {
		exitCode,
		reason: exitCode === 0 ? 'Completed' : 'Error',
		startedAt,
		finishedAt,
		containerID: containerId,
	};
}
