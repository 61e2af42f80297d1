import type { Clock } from '../support/clock';
import { RunbookError } from '../support/runbookError';
import type { Cluster } from './cluster';
import type { PodFacts } from './model';

/** Keep-alive and websocket clients stay on the pods that they reached first; longer than this the bad version must not serve them. */
export const GRACE_MS = 30_000;
/** A pod's end is seen only after its kubelet has told the API. */
const TOLD_AFTER_MS = 3_000;
const POLL_MS = 500;

export interface EndedConnections {
	readonly deployment: string;
	/** Pods that were still there when the traffic was back. */
	readonly pods: number;
	/** How long it took until the last of them was gone, in milliseconds. */
	readonly afterMs: number;
}

export interface EndOptions {
	/** What was scaled to 0. */
	readonly deployments: readonly string[];
	readonly clock: Clock;
	readonly signal: AbortSignal;
}

/**
 * Waits until the pods that traffic was taken from are gone, and with them every connection that clients kept to them: at most 30
 * seconds. A pod whose own grace is longer is deleted anew with what is left of that time. A colour that keeps replicas is left alone.
 * Traffic is back by now, so what does not end in time is a warning.
 */
export async function endConnections(
	cluster: Cluster,
	namespace: string,
	{ deployments, clock, signal }: EndOptions,
): Promise<{ ended: EndedConnections[]; warnings: string[] }> {
	const startedAt = clock.monotonicMs();
	const ended: EndedConnections[] = [];
	const warnings: string[] = [];
	await Promise.all(
		deployments.map(async (deployment) => {
			try {
				const pods = await waitUntilGone(cluster, namespace, { deployment, startedAt, clock, signal });
				if (pods > 0) ended.push({ deployment, pods, afterMs: Math.round(clock.monotonicMs() - startedAt) });
			} catch (error) {
				signal.throwIfAborted();
				warnings.push(`connections to ${deployment} are not proven to be ended: ${problemOf(error)}`);
			}
		}),
	);
	return { ended, warnings };
}

/** How many pods there were. @throws at the deadline, naming those that are left */
async function waitUntilGone(
	cluster: Cluster,
	namespace: string,
	{
		deployment: name,
		startedAt,
		clock,
		signal,
	}: { deployment: string; startedAt: number; clock: Clock; signal: AbortSignal },
): Promise<number> {
	const { selector, wanted } = await cluster.readDeployment(namespace, name);
	if (wanted > 0) return 0;
	const seen = new Set<string>();
	const shortened = new Map<string, string>();
	for (;;) {
		const pods = (await cluster.listPods(namespace, selector)).filter(({ ended }) => !ended);
		for (const pod of pods) seen.add(pod.name);
		if (pods.length === 0) return seen.size;
		const leftMs = startedAt + GRACE_MS - clock.monotonicMs();
		for (const pod of pods.filter((entry) => isTooSlow(entry) && !shortened.has(entry.name)))
			shortened.set(pod.name, await shorten(cluster, namespace, { pod, leftMs }));
		if (leftMs + TOLD_AFTER_MS <= 0) throw new Error(describeLeft(pods, shortened));
		await clock.sleep(POLL_MS, signal);
	}
}

/** Only one that is ending already: another would be replaced by a new one. */
function isTooSlow({ terminating, graceSeconds }: PodFacts): boolean {
	return terminating && graceSeconds * 1000 > GRACE_MS;
}

/** Why its grace could not be shortened; empty when it was. */
async function shorten(
	cluster: Cluster,
	namespace: string,
	{ pod, leftMs }: { pod: PodFacts; leftMs: number },
): Promise<string> {
	try {
		await cluster.deletePod(namespace, pod.name, { graceSeconds: Math.max(1, Math.floor(leftMs / 1000)) });
		return '';
	} catch (error) {
		return error instanceof RunbookError && error.code === 'ROLLOUT.NOT_FOUND' ? '' : problemOf(error);
	}
}

function describeLeft(pods: readonly PodFacts[], shortened: ReadonlyMap<string, string>): string {
	return pods
		.map(({ name, graceSeconds }) => {
			const problem = shortened.get(name) ?? '';
			return `pod ${name} is still there after ${GRACE_MS / 1000} s (its own grace is ${graceSeconds} s${problem === '' ? '' : `; ${problem}`})`;
		})
		.join(', ');
}

function problemOf(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}
