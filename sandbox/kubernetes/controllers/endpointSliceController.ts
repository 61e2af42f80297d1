import { isDeepStrictEqual } from 'node:util';
import { controllerOf, controllerReference } from './ownership.ts';
import { isReady } from './podState.ts';
import { parseQueueKey, queueKey, startWorkQueue } from './workQueue.ts';
import { timestamp } from '../clock.ts';
import { matchesLabels } from '../matchSelectors.ts';
import { apiVersionOf, endpointSlices, nodes, pods, services } from '../resources.ts';
import { isEndpointAddress } from '../validateObject.ts';
import type { ClusterClient } from '../clusterClient.ts';
import type { Endpoint, EndpointPort, EndpointSlice, Node, Pod, Service } from '../model.ts';

const manager = 'endpointslice-controller.k8s.io';
const managedBy = 'endpointslice.kubernetes.io/managed-by';
const serviceName = 'kubernetes.io/service-name';

/** More endpoints than this go into a further slice. */
const endpointsPerSlice = 100;

/** What one slice should hold. */
type SliceContent = Pick<EndpointSlice, 'ports' | 'endpoints'>;

/** Pods whose Service's ports resolve to the same. */
interface Group {
	readonly ports: EndpointPort[];
	readonly endpoints: Endpoint[];
}

/** Keeps the EndpointSlices of every Service that has a selector. The returned function stops it. */
export function startEndpointSliceController(client: ClusterClient): () => void {
	const queue = startWorkQueue((key) => syncService(client, key));
	const enqueueFor = async (namespace?: string) => {
		for (const service of await client.list<Service>(services, namespace)) {
			if (service.spec.selector) queue.enqueue(queueKey(service.metadata));
		}
	};
	const stops = [
		client.watch(services, ({ object }) => queue.enqueue(queueKey(object.metadata))),
		client.watch(pods, ({ object }) => void enqueueFor(object.metadata.namespace)),
		client.watch(nodes, ({ type }) => {
			if (type !== 'MODIFIED') void enqueueFor();
		}),
		client.watch(endpointSlices, ({ object: { metadata } }) => {
			const name = metadata.labels?.[serviceName];
			if (name && metadata.labels?.[managedBy] === manager)
				queue.enqueue(queueKey({ namespace: metadata.namespace, name }));
		}),
	];
	return () => {
		queue.stop();
		for (const stop of stops) stop();
	};
}

/** Pods on a node that is not there are left out: nobody vouches for their state any more. */
async function syncService(client: ClusterClient, key: string): Promise<void> {
	const { namespace, name } = parseQueueKey(key);
	const service = await client.get<Service>(services, { namespace, name });
	if (!service || service.metadata.deletionTimestamp || !service.spec.selector) return;
	const selector = service.spec.selector;
	const existing = (await client.list<EndpointSlice>(endpointSlices, namespace)).filter(
		({ metadata }) =>
			controllerOf(metadata)?.uid === service.metadata.uid && metadata.labels?.[managedBy] === manager,
	);
	const selected = (await client.list<Pod>(pods, namespace)).filter(({ metadata }) =>
		matchesLabels(selector, metadata.labels),
	);
	const known = new Set((await client.list<Node>(nodes)).map((node) => node.metadata.name));
	const wanted = wantedSlices(
		service,
		selected.filter(({ spec }) => service.spec.publishNotReadyAddresses || known.has(spec.nodeName ?? '')),
	);
	const free = [...existing];
	for (const content of wanted) {
		const same = free.findIndex((slice) => isDeepStrictEqual(slice.ports, content.ports));
		const [slice] = same < 0 ? [] : free.splice(same, 1);
		await writeSlice(client, service, { slice, content });
	}
	for (const { metadata } of free) await client.delete(endpointSlices, metadata);
}

async function writeSlice(
	client: ClusterClient,
	service: Service,
	{ slice, content }: { slice: EndpointSlice | undefined; content: SliceContent },
): Promise<void> {
	const labels = { ...service.metadata.labels, [serviceName]: service.metadata.name, [managedBy]: manager };
	if (slice) {
		const isSame =
			isDeepStrictEqual(slice.endpoints, content.endpoints) && isDeepStrictEqual(slice.metadata.labels, labels);
		if (isSame) return;
		const annotations = { ...slice.metadata.annotations, ...triggerTime() };
		await client.update(endpointSlices, {
			...slice,
			...content,
			metadata: { ...slice.metadata, labels, annotations },
		});
		return;
	}
	await client.create(endpointSlices, service.metadata.namespace ?? '', {
		apiVersion: apiVersionOf(endpointSlices),
		kind: endpointSlices.kind,
		metadata: {
			generateName: `${service.metadata.name}-`,
			labels,
			annotations: triggerTime(),
			ownerReferences: [controllerReference(services, service)],
		},
		addressType: 'IPv4',
		...content,
	});
}

function triggerTime(): Record<string, string> {
	return { 'endpoints.kubernetes.io/last-change-trigger-time': timestamp() };
}

/** Groups the pods by the ports that the service's targets resolve to in them; without any pod one empty slice is wanted. */
function wantedSlices(service: Service, selected: readonly Pod[]): SliceContent[] {
	const groups = new Map<string, Group>();
	for (const pod of selected) {
		const endpoint = toEndpoint(service, pod);
		if (!endpoint) continue;
		const ports = resolvePorts(service, pod);
		const group = groups.get(JSON.stringify(ports)) ?? { ports, endpoints: [] };
		group.endpoints.push(endpoint);
		groups.set(JSON.stringify(ports), group);
	}
	if (groups.size === 0) return [{ ports: null, endpoints: null }];
	return [...groups.values()].flatMap(({ ports, endpoints }) =>
		Array.from({ length: Math.ceil(endpoints.length / endpointsPerSlice) }, (_, page) => ({
			ports,
			endpoints: endpoints.slice(page * endpointsPerSlice, (page + 1) * endpointsPerSlice),
		})),
	);
}

/** A pod's endpoint, or undefined for one that ended or has no address that the API accepts. */
function toEndpoint(service: Service, pod: Pod): Endpoint | undefined {
	const { metadata, spec, status } = pod;
	if (!status?.podIP || !isEndpointAddress(status.podIP)) return undefined;
	if (status.phase === 'Succeeded' || status.phase === 'Failed') return undefined;
	const terminating = metadata.deletionTimestamp !== undefined;
	const serving = isReady(pod);
	const ready = service.spec.publishNotReadyAddresses === true || (serving && !terminating);
	return {
		addresses: [status.podIP],
		conditions: { ready, serving, terminating },
		targetRef: { kind: 'Pod', namespace: metadata.namespace ?? '', name: metadata.name, uid: metadata.uid },
		...(spec.nodeName ? { nodeName: spec.nodeName } : {}),
	};
}

function resolvePorts(service: Service, pod: Pod): EndpointPort[] {
	return (service.spec.ports ?? []).flatMap(({ name = '', protocol = 'TCP', port, targetPort = port }) => {
		const containerPorts = pod.spec.containers.flatMap((container) => container.ports ?? []);
		const number =
			typeof targetPort === 'number'
				? targetPort
				: containerPorts.find((candidate) => candidate.name === targetPort && candidate.protocol === protocol)
						?.containerPort;
		return number === undefined ? [] : [{ name, port: number, protocol }];
	});
}
