import type { INodeProperties } from 'n8n-workflow';
import type { Json } from '../../lib/release/model';
import type { Fence, LiveRecord, ReleaseSet, TargetImage, Worker, Workload } from '../../lib/rollout/model';
import { parseImages, parseRecord, parseWorkers, parseWorkloads } from '../../lib/rollout/parseConfiguration';
import type { Cluster } from '../../lib/rollout/cluster';
import { parameterErrors } from '../../lib/support/errors';
import type { OperationContext, ParameterReader } from '../shared/operation';

/** What every operation is told about the release set. */
export interface SetParameters {
	/** Empty: the credential's namespace. */
	readonly namespace: string;
	/** UID of the cluster that it has to be; empty: any. */
	readonly clusterUid: string;
	readonly workloads: readonly Workload[];
	/** Empty: none. */
	readonly workers: readonly Worker[];
}

/** The set, and what it is to run. */
export interface ImageParameters extends SetParameters {
	readonly images: readonly TargetImage[];
}

/** Pins the cluster: names of namespaces and Deployments are often the same in another one. */
export function clusterField(value: string): INodeProperties {
	return {
		displayName: 'Cluster UID',
		name: 'clusterUid',
		type: 'string',
		default: value,
		placeholder: 'e.g. 5d0e4d23-1b8a-4f5c-9a0e-7d7c2f1b6a90',
		description:
			'UID of the namespace kube-system. In another cluster the operation is refused before it asks for anything else. Empty to take the cluster of the credential, whichever it is.',
	};
}

/** Fields that name the workloads. */
export const WORKLOAD_FIELDS: INodeProperties[] = [
	{
		displayName: 'Namespace',
		name: 'namespace',
		type: 'string',
		default: "={{ $('Configuration').first().json.namespace }}",
		placeholder: 'e.g. production',
		description: 'Namespace of the workloads. Empty to use the one of the credential.',
	},
	{
		displayName: 'Workloads',
		name: 'workloads',
		type: 'json',
		default: "={{ JSON.stringify($('Configuration').first().json.workloads) }}",
		required: true,
		placeholder:
			'e.g. [{"service": "api", "previewService": "api-preview", "deployments": {"blue": "api-blue", "green": "api-green"}, "container": "api", "repository": "registry.example.com/api", "role": "web"}]',
		description:
			'The services that move together, in the order in which they are changed. Each has two deployments, of which one is live.',
	},
];

/** Fields that name the release set. */
export const SET_FIELDS: INodeProperties[] = [
	...WORKLOAD_FIELDS,
	{
		displayName: 'Workers',
		name: 'workers',
		type: 'json',
		default: "={{ JSON.stringify($('Configuration').first().json.workers) }}",
		placeholder:
			'e.g. [{"name": "case-worker", "role": "worker", "workload": "api", "deployments": {"blue": "case-worker-blue", "green": "case-worker-green"}, "container": "worker"}]',
		description:
			'What runs the image of a workload without traffic, in the order in which it is moved. Of the two deployments of each, the one that has replicas runs. Empty when there is none.',
	},
	clusterField("={{ $('Configuration').first().json.clusterUid }}"),
];

/** The images of the release, one a workload. */
export const IMAGES_FIELD: INodeProperties = {
	displayName: 'Images',
	name: 'images',
	type: 'json',
	default: "={{ JSON.stringify($('Release').first().json.release.images) }}",
	required: true,
	placeholder: 'e.g. [{"workload": "api", "image": "registry.example.com/api@sha256:…"}]',
	description: 'The image of each workload, pinned by digest. A tag is refused: it can be moved.',
};

/** Longest wait, in seconds, with what happens when it ends. */
export function timeoutField(seconds: number, description: string): INodeProperties {
	return {
		displayName: 'Timeout (Seconds)',
		name: 'timeoutSeconds',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: seconds,
		placeholder: `e.g. ${seconds}`,
		description,
	};
}

/** @throws RunbookError PARAMETER.INVALID */
export function readSet(context: ParameterReader, itemIndex: number): SetParameters {
	const { namespace, workloads } = readWorkloads(context, itemIndex);
	const workers = parseWorkers(context.getNodeParameter('workers', itemIndex, ''), workloads);
	return { namespace, workloads, workers, clusterUid: readClusterUid(context, itemIndex) };
}

/** @throws RunbookError PARAMETER.INVALID */
export function readWorkloads(
	context: ParameterReader,
	itemIndex: number,
): Pick<SetParameters, 'namespace' | 'workloads'> {
	const namespace = context.getNodeParameter('namespace', itemIndex, '');
	return {
		namespace: typeof namespace === 'string' ? namespace.trim() : '',
		workloads: parseWorkloads(context.getNodeParameter('workloads', itemIndex)),
	};
}

/** Empty when none is given, also by a configuration that does not know the field. @throws RunbookError PARAMETER.INVALID */
export function readClusterUid(context: ParameterReader, itemIndex: number): string {
	const uid = context.getNodeParameter('clusterUid', itemIndex, '') ?? '';
	if (typeof uid === 'string') return uid.trim();
	throw parameterErrors.INVALID({
		field: 'clusterUid',
		problem: 'it is no text',
		remedy: 'Give what "kubectl get namespace kube-system -o jsonpath={.metadata.uid}" says',
	});
}

/** @throws RunbookError PARAMETER.INVALID */
export function readSetWithImages(context: ParameterReader, itemIndex: number): ImageParameters {
	const set = readSet(context, itemIndex);
	return { ...set, images: readImages(context, itemIndex, set.workloads) };
}

/** @throws RunbookError PARAMETER.INVALID */
export function readImages(context: ParameterReader, itemIndex: number, workloads: readonly Workload[]): TargetImage[] {
	return parseImages(context.getNodeParameter('images', itemIndex), workloads);
}

export function releaseSetOf(
	{ namespace, workloads, workers }: Omit<SetParameters, 'clusterUid'>,
	cluster: Cluster,
): ReleaseSet {
	return { namespace: namespace || cluster.namespace, workloads, workers };
}

/** The release as the cluster's objects carry it; undefined when the node is used alone: then nothing is fenced. */
export function fenceOf({ release }: Pick<OperationContext<unknown>, 'release'>): Fence | undefined {
	return release ? { release: release.id, token: release.token } : undefined;
}

/** What this release recorded as live; undefined when the node is used alone. */
export async function recordedLive({
	recorded,
}: Pick<OperationContext<unknown>, 'recorded'>): Promise<LiveRecord | undefined> {
	const step = await recorded('3.1/record-live');
	return step?.state === 'passed' ? parseRecord(step.result) : undefined;
}

/** The set and the images as the ledger hashes them. */
export function setInputs(
	{ namespace, workloads, workers }: Omit<SetParameters, 'clusterUid'>,
	images: readonly TargetImage[] = [],
): { namespace: string; workloads: string[]; workers: string[]; images: string[] } {
	return {
		namespace,
		workloads: workloads.map(({ service, deployments }) => `${service}: ${deployments.blue}, ${deployments.green}`),
		workers: workers.map(
			({ name, role, workload, deployments }) =>
				`${name} (${role} of ${workload}): ${deployments.blue}, ${deployments.green}`,
		),
		images: images.map(({ workload, image }) => `${workload}: ${image}`),
	};
}

/** The same value as plain JSON. */
export function asJson(value: object): Json {
	return JSON.parse(JSON.stringify(value)) as Json;
}

/** True for a JSON field that nobody filled in. */
export function isEmpty(value: unknown): boolean {
	return value === undefined || value === null || (typeof value === 'string' && value.trim() === '');
}
