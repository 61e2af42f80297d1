import { imageDigest, runningDigest } from './imageDigest';
import type { ContainerFacts, DeploymentFacts, PodFacts } from './model';

/** How far a Deployment has come. `failed` = waiting longer cannot help. */
export type RolloutState =
	| { readonly state: 'complete' }
	| { readonly state: 'progressing'; readonly reason: string }
	| { readonly state: 'failed'; readonly reason: string; readonly pod?: FailingPod };

/** The pod to look at. */
export interface FailingPod {
	readonly name: string;
	readonly container: string;
	/** e.g. `CrashLoopBackOff`. */
	readonly reason: string;
}

export interface Expectation {
	/** The container whose image counts. */
	readonly container: string;
	/** `sha256:…` that every pod must run. */
	readonly digest: string;
	/** Least replicas. */
	readonly replicas: number;
}

/** Waiting reasons that do not pass by themselves. ErrImagePull is not among them: ImagePullBackOff follows if it stays. */
const HOPELESS = [
	'CrashLoopBackOff',
	'ImagePullBackOff',
	'InvalidImageName',
	'ErrImageNeverPull',
	'CreateContainerConfigError',
	'CreateContainerError',
];
/** One restart may be a dependency that came late; two without becoming ready is a loop. */
const LOOPING_RESTARTS = 2;

/**
 * Judges a Deployment as `kubectl rollout status` does (generation, updated, total, available), and stricter: scaled to zero,
 * paused, past its progress deadline, refused replicas, another image, or a pod of its current revision that loops or cannot
 * pull its image are failures at once; complete only when every pod runs the expected digest.
 * `pods`: those of the Deployment's current revision.
 */
export function assessDeployment(
	deployment: DeploymentFacts,
	pods: readonly PodFacts[],
	expected: Expectation,
): RolloutState {
	if (deployment.generation > deployment.observedGeneration)
		return progressing('the controller has not seen the change yet');
	return (
		failureOf(deployment, pods, expected) ??
		shortfallOf(deployment, expected) ??
		strayOf(pods, expected) ?? { state: 'complete' }
	);
}

function failureOf(
	deployment: DeploymentFacts,
	pods: readonly PodFacts[],
	expected: Expectation,
): RolloutState | undefined {
	const image = deployment.containers.find(({ name }) => name === expected.container)?.image;
	if (image === undefined) return failed(`it has no container ${expected.container}`);
	const asked = imageDigest(image);
	if (asked !== undefined && asked !== expected.digest)
		return failed(`it asks for ${asked}, not for ${expected.digest}`);
	if (deployment.paused) return failed('it is paused');
	if (deployment.wanted < 1) return failed('it is scaled to 0');
	const condition = (type: string) => deployment.conditions.find((candidate) => candidate.type === type);
	const pod = failingPod(pods);
	if (pod) return { state: 'failed', reason: `pod ${pod.name}, container ${pod.container}: ${pod.reason}`, pod };
	const progress = condition('Progressing');
	if (progress?.reason === 'ProgressDeadlineExceeded') return failed(`ProgressDeadlineExceeded: ${progress.message}`);
	const refusal = condition('ReplicaFailure');
	if (refusal?.status === 'True') return failed(`ReplicaFailure: ${refusal.message}`);
	return undefined;
}

function failingPod(pods: readonly PodFacts[]): FailingPod | undefined {
	for (const pod of pods.filter(({ terminating }) => !terminating)) {
		for (const container of pod.containers) {
			const reason = whyHopeless(container);
			if (reason !== undefined) return { name: pod.name, container: container.name, reason };
		}
	}
	return undefined;
}

function whyHopeless({ ready, restarts, waitingReason, waitingMessage }: ContainerFacts): string | undefined {
	if (HOPELESS.includes(waitingReason))
		return waitingMessage === '' ? waitingReason : `${waitingReason} (${waitingMessage})`;
	return !ready && restarts >= LOOPING_RESTARTS ? `restarted ${restarts} times without becoming ready` : undefined;
}

function shortfallOf(
	{ wanted, updated, total, available }: DeploymentFacts,
	{ replicas }: Expectation,
): RolloutState | undefined {
	if (wanted < replicas) return progressing(`${wanted} replicas are asked for, ${replicas} are needed`);
	if (updated < wanted) return progressing(`${updated} of ${wanted} pods are updated`);
	if (total > updated) return progressing(`${total - updated} old pods are still there`);
	if (available < updated) return progressing(`${available} of ${updated} pods are available`);
	return undefined;
}

function strayOf(pods: readonly PodFacts[], { container, digest, replicas }: Expectation): RolloutState | undefined {
	const standing = pods.filter(({ terminating }) => !terminating);
	const digestOf = (pod: PodFacts): string | undefined => {
		const found = pod.containers.find(({ name }) => name === container);
		return found ? runningDigest(found) : undefined;
	};
	const stray = standing.find((pod) => digestOf(pod) !== digest);
	if (stray) return progressing(`pod ${stray.name} runs ${digestOf(stray) ?? 'an unknown image'}`);
	// The status may be ahead of the pods that were listed.
	const ready = standing.filter((pod) => pod.ready).length;
	return ready < replicas ? progressing(`${ready} of ${replicas} pods are ready`) : undefined;
}

function progressing(reason: string): RolloutState {
	return { state: 'progressing', reason };
}

function failed(reason: string): RolloutState {
	return { state: 'failed', reason };
}
