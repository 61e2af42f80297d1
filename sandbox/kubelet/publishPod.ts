import { setTimeout as delay } from 'node:timers/promises';
import type { V1DeleteOptions, V1Pod } from '@kubernetes/client-node';
import { addressAnnotation, asMergePatch, statusOf } from './connectToApi.ts';
import type { ApiConnection } from './connectToApi.ts';
import type { Plain } from './plain.ts';
import { buildPodStatus } from './podStatus.ts';
import type { PodFacts } from './podStatus.ts';

/** Tells the API about one pod; calls that fail are repeated until they succeed, the pod is gone, or `abandon()`. */
export interface PodPublisher {
	/** Sends the pod's status; one call at a time, the latest facts each. */
	report(pod: V1Pod, facts: PodFacts): void;
	/** Notes the real address in the pod's annotation, until a later address replaces it. */
	publishAddress(address: string): Promise<void>;
	/** After the last report: removes the pod object for good. */
	remove(): Promise<void>;
	abandon(): void;
}

const retryMs = 500;

/** Makes the publisher of a pod, told apart from a later pod of that name by its uid. */
export function publishPod(connection: ApiConnection, { metadata }: V1Pod): PodPublisher {
	const target = { name: metadata?.name ?? '', namespace: metadata?.namespace ?? '' };
	const uid = metadata?.uid;
	let abandoned = false;
	let latest: { pod: V1Pod; facts: PodFacts } | undefined;
	let sending: Promise<void> | undefined;
	let latestAddress: string | undefined;

	/** True when the call succeeded or can never succeed: the pod is gone, or another one has its name (409, by uid). */
	async function attempt(call: () => Promise<unknown>): Promise<boolean> {
		try {
			await call();
			return true;
		} catch (error) {
			if (statusOf(error) === 404 || statusOf(error) === 409) return true;
			await delay(retryMs);
			return abandoned;
		}
	}

	async function sendReports(): Promise<void> {
		while (latest && !abandoned) {
			const { pod, facts } = latest;
			latest = undefined;
			const status = buildPodStatus(pod, facts, new Date());
			const body = { metadata: uid ? { uid } : {}, status };
			const done = await attempt(() =>
				connection.core.patchNamespacedPodStatus({ ...target, body }, asMergePatch),
			);
			if (!done) latest ??= { pod, facts };
		}
	}

	return {
		report(pod, facts) {
			latest = { pod, facts };
			sending ??= sendReports().finally(() => (sending = undefined));
		},
		async publishAddress(address) {
			latestAddress = address;
			const body = { metadata: { annotations: { [addressAnnotation]: address } } };
			while (latestAddress === address && !abandoned) {
				if (await attempt(() => connection.core.patchNamespacedPod({ ...target, body }, asMergePatch))) return;
			}
		},
		async remove() {
			await sending;
			const body: Plain<V1DeleteOptions> = { gracePeriodSeconds: 0, ...(uid ? { preconditions: { uid } } : {}) };
			while (!abandoned)
				if (await attempt(() => connection.core.deleteNamespacedPod({ ...target, body }))) return;
		},
		abandon() {
			abandoned = true;
		},
	};
}
