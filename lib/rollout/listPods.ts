import type { Cluster } from './cluster';
import { coloursOf } from './coloursOf';
import { runningDigest } from './imageDigest';
import type { Colour, PodFacts, ReleaseSet } from './model';

export interface ListedPod {
	/** Of a worker its name. */
	readonly service: string;
	readonly colour: Colour;
	/** True when the Service selects its colour; of a worker, when that colour is to have replicas. */
	readonly live: boolean;
	readonly name: string;
	readonly ready: boolean;
	readonly terminating: boolean;
	/** Why it is not placed; empty when it is. */
	readonly unschedulable: string;
	readonly containers: ReadonlyArray<{
		readonly name: string;
		/** Empty while it is unknown. */
		readonly digest: string;
		readonly ready: boolean;
		readonly restarts: number;
		/** e.g. `CrashLoopBackOff`; empty while it runs. */
		readonly waiting: string;
	}>;
}

/** kubectl get pods, for both colours of every workload and worker. @throws RunbookError ROLLOUT.COLOUR_UNKNOWN and what the reads throw */
export async function listPods(
	cluster: Cluster,
	{ namespace, workloads, workers = [] }: ReleaseSet,
): Promise<{ pods: ListedPod[] }> {
	const pods: ListedPod[] = [];
	for (const workload of workloads) {
		const { live, idle } = coloursOf(workload, await cluster.readService(namespace, workload.service));
		for (const colour of [live, idle]) {
			const { selector } = await cluster.readDeployment(namespace, workload.deployments[colour]);
			const found = await cluster.listPods(namespace, selector);
			pods.push(
				...found.map((pod) => ({
					service: workload.service,
					colour,
					live: colour === live,
					...describe(pod),
				})),
			);
		}
	}
	for (const { name: service, deployments } of workers) {
		for (const colour of ['blue', 'green'] as const) {
			const { selector, wanted } = await cluster.readDeployment(namespace, deployments[colour]);
			const found = await cluster.listPods(namespace, selector);
			pods.push(...found.map((pod) => ({ service, colour, live: wanted > 0, ...describe(pod) })));
		}
	}
	return { pods };
}

function describe({
	name,
	ready,
	terminating,
	unschedulable,
	containers,
}: PodFacts): Omit<ListedPod, 'service' | 'colour' | 'live'> {
	return {
		name,
		ready,
		terminating,
		unschedulable,
		containers: containers.map((container) => ({
			name: container.name,
			digest: runningDigest(container) ?? '',
			ready: container.ready,
			restarts: container.restarts,
			waiting: container.waitingReason,
		})),
	};
}
