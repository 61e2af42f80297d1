import { randomBytes } from 'node:crypto';
import type { Api, ApiObject } from './connectToApi';

/** What the played kubelet reports of a pod. */
export type PodBehaviour = 'ready' | 'not-ready';

/** A kubelet without processes: it binds the pods of one namespace to a Node of its own and reports them as told. */
export interface PlayedKubelet {
	readonly nodeName: string;
	/** Reports one pod as ready or not from now on. */
	report(podName: string, behaviour: PodBehaviour): Promise<void>;
	/** While set, pods that are being deleted are not ended. */
	holdDeletions: boolean;
	/** Ends the pods that were held. */
	endHeld(): Promise<void>;
	stop(): Promise<void>;
}

/** Starts a kubelet that judges a pod by its image: one whose tag contains "bad" never becomes ready. */
export async function playKubelet(api: Api, namespace: string): Promise<PlayedKubelet> {
	const nodeName = `played-${randomBytes(4).toString('hex')}`;
	const pods = `/api/v1/namespaces/${namespace}/pods`;
	await api.call('POST', '/api/v1/nodes', { body: { metadata: { name: nodeName } } });
	const held = new Set<string>();
	const addresses = new Map<string, string>();
	const failures: unknown[] = [];
	let work: Promise<unknown> = Promise.resolve();
	const then = (act: () => Promise<unknown>) => {
		work = work.then(act).catch((error: unknown) => failures.push(error));
	};
	const end = (name: string) => api.call('DELETE', `${pods}/${name}`, { body: { gracePeriodSeconds: 0 } });
	const addressOf = (name: string) => {
		const known = addresses.get(name) ?? `198.18.250.${addresses.size + 1}`;
		addresses.set(name, known);
		return known;
	};
	const report = async (name: string, behaviour: PodBehaviour) => {
		const status = podStatus(addressOf(name), behaviour);
		await api.call('PATCH', `${pods}/${name}/status`, {
			body: { status },
			contentType: 'application/merge-patch+json',
		});
	};
	const kubelet: PlayedKubelet = {
		nodeName,
		report,
		holdDeletions: false,
		endHeld: async () => {
			for (const name of held) await end(name);
			held.clear();
		},
		stop: async () => {
			kubelet.holdDeletions = false;
			await kubelet.endHeld();
			await api.call('DELETE', `/api/v1/namespaces/${namespace}`);
			// The namespace itself may take its time; without its pods it needs no kubelet.
			await api.untilAll(pods, (left) => left.length === 0);
			running.stop();
			await work;
			await api.call('DELETE', `/api/v1/nodes/${nodeName}`);
			if (failures.length > 0) throw failures[0];
		},
	};
	const running = api.watch(pods, ({ type, object }) => {
		const { name, deletionTimestamp } = object.metadata;
		const node = object.spec?.['nodeName'];
		if (type === 'DELETED' || (node !== undefined && node !== nodeName)) return;
		if (deletionTimestamp) {
			if (kubelet.holdDeletions) held.add(name);
			else then(() => end(name));
		} else if (node === undefined) {
			then(() =>
				api.call('POST', `${pods}/${name}/binding`, {
					body: { metadata: { name }, target: { kind: 'Node', name: nodeName } },
				}),
			);
		} else if (object.status?.['podIP'] === undefined) {
			then(() => report(name, imageOf(object).includes('bad') ? 'not-ready' : 'ready'));
		}
	});
	return kubelet;
}

/** The image of a pod's or a template's first container. */
export function imageOf({ spec }: { spec?: unknown }): string {
	return (spec as { containers: { image: string }[] }).containers[0]?.image ?? '';
}

function podStatus(podIP: string, behaviour: PodBehaviour): object {
	const status = behaviour === 'ready' ? 'True' : 'False';
	const lastTransitionTime = `${new Date().toISOString().slice(0, 19)}Z`;
	return {
		phase: 'Running',
		podIP,
		podIPs: [{ ip: podIP }],
		conditions: ['PodScheduled', 'Initialized', 'ContainersReady', 'Ready'].map((type) => ({
			type,
			status: type === 'Ready' || type === 'ContainersReady' ? status : 'True',
			lastTransitionTime,
		})),
	};
}

/** The body of a Deployment named and labelled `name`; `spec` is merged over the usual one. */
export function deploymentBody(
	name: string,
	image: string,
	spec: Readonly<Record<string, unknown>> = {},
): Partial<ApiObject> {
	return {
		metadata: { name, labels: { app: name } } as unknown as ApiObject['metadata'],
		spec: {
			replicas: 1,
			selector: { matchLabels: { app: name } },
			template: {
				metadata: { labels: { app: name } },
				spec: { containers: [{ name: 'main', image, ports: [{ name: 'http', containerPort: 8080 }] }] },
			},
			...spec,
		},
	};
}
