import type { IncomingMessage } from 'node:http';
import { timestampMs } from './clock.ts';
import { apiVersionOf } from './resources.ts';
import type { ApiObject, Deployment, EndpointSlice, Pod, ReplicaSet, Service } from './model.ts';
import type { Resource } from './resources.ts';

type Row = readonly [heading: string, value: (object: ApiObject) => string | number];

/** Whether the client prefers the tabular form, as kubectl's `get` does. */
export function wantsTable(request: IncomingMessage): boolean {
	const first = (request.headers.accept ?? '').split(',')[0] ?? '';
	return /as=Table/.test(first) && /g=meta\.k8s\.io/.test(first) && /v=v1(;|$)/.test(first);
}

/** The `meta.k8s.io/v1` Table of objects; `metadata` is the list's, `columns: false` leaves the headings out. */
export function toTable(
	resource: Resource,
	objects: readonly ApiObject[],
	{ metadata = {}, columns = true }: { metadata?: object; columns?: boolean } = {},
): object {
	const shown: Row[] = [
		['Name', ({ metadata: { name } }) => name],
		...(columnsOf[resource.kind] ?? []),
		['Age', age],
	];
	return {
		kind: 'Table',
		apiVersion: 'meta.k8s.io/v1',
		metadata,
		columnDefinitions: columns
			? shown.map(([name], index) => ({
					name,
					type: 'string',
					format: index === 0 ? 'name' : '',
					description: '',
					priority: 0,
				}))
			: null,
		rows: objects.map((object) => ({
			cells: shown.map(([, value]) => value(object)),
			object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata },
		})),
	};
}

const columnsOf: Readonly<Record<string, readonly Row[]>> = {
	Namespace: [['Status', ({ status }) => (status as { phase?: string } | undefined)?.phase ?? '']],
	Pod: [
		['Ready', (object) => readyContainers(object as Pod)],
		['Status', (object) => podState(object as Pod)],
		['Restarts', (object) => sum((object as Pod).status?.containerStatuses?.map((status) => status.restartCount))],
	],
	Deployment: [
		[
			'Ready',
			(object) => `${(object as Deployment).status?.readyReplicas ?? 0}/${(object as Deployment).spec.replicas}`,
		],
		['Up-to-date', (object) => (object as Deployment).status?.updatedReplicas ?? 0],
		['Available', (object) => (object as Deployment).status?.availableReplicas ?? 0],
	],
	ReplicaSet: [
		['Desired', (object) => (object as ReplicaSet).spec.replicas],
		['Current', (object) => (object as ReplicaSet).status?.replicas ?? 0],
		['Ready', (object) => (object as ReplicaSet).status?.readyReplicas ?? 0],
	],
	Service: [
		['Type', (object) => text((object as Service).spec['type'])],
		['Cluster-IP', (object) => (object as Service).spec.clusterIP ?? '<none>'],
		['External-IP', () => '<none>'],
		[
			'Port(s)',
			(object) => ((object as Service).spec.ports ?? []).map((p) => `${p.port}/${p.protocol ?? 'TCP'}`).join(','),
		],
	],
	EndpointSlice: [
		['AddressType', (object) => (object as EndpointSlice).addressType],
		[
			'Ports',
			(object) =>
				list(
					(object as EndpointSlice).ports?.map((port) => port.port),
					'<unset>',
				),
		],
		[
			'Endpoints',
			(object) =>
				list(
					(object as EndpointSlice).endpoints?.flatMap((e) => e.addresses),
					'<unset>',
				),
		],
	],
	Secret: [
		['Type', ({ type }) => text(type)],
		['Data', ({ data }) => Object.keys((data as object | undefined) ?? {}).length],
	],
	ConfigMap: [['Data', ({ data }) => Object.keys((data as object | undefined) ?? {}).length]],
	Node: [['Status', (object) => nodeState(object)]],
	Event: [
		['Type', ({ type }) => text(type)],
		['Reason', ({ reason }) => text(reason)],
		['Message', ({ message }) => text(message)],
	],
};

function readyContainers({ spec, status }: Pod): string {
	return `${status?.containerStatuses?.filter((container) => container.ready).length ?? 0}/${spec.containers.length}`;
}

function podState({ metadata, status }: Pod): string {
	if (metadata.deletionTimestamp) return 'Terminating';
	const reasons = (status?.containerStatuses ?? []).map((container) => {
		const state = container['state'] as
			Record<'waiting' | 'terminated', { reason?: string } | undefined> | undefined;
		return state?.waiting?.reason ?? state?.terminated?.reason;
	});
	return reasons.find((reason) => reason !== undefined) ?? status?.phase ?? 'Unknown';
}

function nodeState({ status }: ApiObject): string {
	const conditions = (status as { conditions?: { type: string; status: string }[] } | undefined)?.conditions ?? [];
	const ready = conditions.find(({ type }) => type === 'Ready');
	if (!ready) return 'Unknown';
	return ready.status === 'True' ? 'Ready' : 'NotReady';
}

function text(value: unknown): string {
	return typeof value === 'string' ? value : '';
}

function list(values: readonly (string | number)[] | undefined, none: string): string {
	return values?.length ? values.join(',') : none;
}

function sum(values: readonly number[] | undefined): number {
	return (values ?? []).reduce((total, value) => total + value, 0);
}

function age({ metadata }: ApiObject): string {
	const seconds = Math.max(0, Math.floor((Date.now() - timestampMs(metadata.creationTimestamp)) / 1000));
	if (seconds < 120) return `${seconds}s`;
	if (seconds < 7200) return `${Math.floor(seconds / 60)}m`;
	return seconds < 172_800 ? `${Math.floor(seconds / 3600)}h` : `${Math.floor(seconds / 86_400)}d`;
}

/** The list kind of a resource, e.g. `DeploymentList`, with its apiVersion. */
export function listHeader(resource: Resource): { kind: string; apiVersion: string } {
	return { kind: `${resource.kind}List`, apiVersion: apiVersionOf(resource) };
}
