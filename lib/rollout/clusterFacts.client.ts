import type {
	V1ContainerStatus,
	V1Deployment,
	V1EndpointSlice,
	V1ObjectMeta,
	V1Pod,
	V1ReplicaSet,
	V1Service,
	V2HorizontalPodAutoscaler,
} from '@kubernetes/client-node' with { 'resolution-mode': 'import' };
import type { AutoscalerFacts } from './autoscalers';
import { configurationOf } from './configurationOf.client';
import type {
	ContainerFacts,
	DeploymentFacts,
	EndpointFacts,
	PodFacts,
	ReplicaSetFacts,
	RevisionFacts,
	ServiceFacts,
	Writable,
} from './model';
import { fieldPaths } from './ownership/fieldPaths';
import type { Management } from './ownership/model';

const REVISION = 'deployment.kubernetes.io/revision';
/** What the API itself sets where a pod says nothing. */
const DEFAULT_GRACE_S = 30;
const CHANGE_CAUSE = 'kubernetes.io/change-cause';
const TEMPLATE_HASH = 'pod-template-hash';

/** The facts of a Deployment; what the API leaves out is empty or 0. */
export function deploymentFacts({ metadata, spec, status }: V1Deployment): DeploymentFacts {
	return {
		...writable(metadata),
		generation: metadata?.generation ?? 0,
		observedGeneration: status?.observedGeneration ?? 0,
		paused: spec?.paused ?? false,
		wanted: spec?.replicas ?? 1,
		total: status?.replicas ?? 0,
		updated: status?.updatedReplicas ?? 0,
		ready: status?.readyReplicas ?? 0,
		available: status?.availableReplicas ?? 0,
		revision: metadata?.annotations?.[REVISION] ?? '',
		selector: spec?.selector.matchLabels ?? {},
		podLabels: spec?.template.metadata?.labels ?? {},
		podAnnotations: spec?.template.metadata?.annotations ?? {},
		containers: (spec?.template.spec?.containers ?? []).map(({ name, image }) => ({ name, image: image ?? '' })),
		conditions: (status?.conditions ?? []).map(({ type, status: state, reason, message }) => ({
			type,
			status: state,
			reason: reason ?? '',
			message: message ?? '',
		})),
		configuration: configurationOf(spec?.template),
	};
}

/** The facts of a ReplicaSet. */
export function replicaSetFacts({ metadata }: V1ReplicaSet): ReplicaSetFacts {
	return {
		name: metadata?.name ?? '',
		owner:
			metadata?.ownerReferences?.find(({ kind, controller }) => kind === 'Deployment' && controller === true)
				?.name ?? '',
		revision: metadata?.annotations?.[REVISION] ?? '',
		templateHash: metadata?.labels?.[TEMPLATE_HASH] ?? '',
	};
}

/** A ReplicaSet as a revision of its Deployment. */
export function revisionFacts(replicaSet: V1ReplicaSet): RevisionFacts {
	const { metadata, spec } = replicaSet;
	const { name, owner, revision } = replicaSetFacts(replicaSet);
	const labels = Object.entries(spec?.template?.metadata?.labels ?? {}).filter(([label]) => label !== TEMPLATE_HASH);
	return {
		name,
		owner,
		revision: Number(revision) || 0,
		createdAt: metadata?.creationTimestamp?.toISOString() ?? '',
		replicas: spec?.replicas ?? 0,
		changeCause: metadata?.annotations?.[CHANGE_CAUSE] ?? '',
		containers: (spec?.template?.spec?.containers ?? []).map((container) => ({
			name: container.name,
			image: container.image ?? '',
		})),
		template: {
			metadata: { labels: Object.fromEntries(labels), annotations: spec?.template?.metadata?.annotations },
			spec: spec?.template?.spec,
		},
	};
}

/** The facts of a pod. */
export function podFacts({ metadata, spec, status }: V1Pod): PodFacts {
	const condition = (type: string) => status?.conditions?.find((candidate) => candidate.type === type);
	const scheduled = condition('PodScheduled');
	const statuses = new Map((status?.containerStatuses ?? []).map((entry) => [entry.name, entry]));
	return {
		name: metadata?.name ?? '',
		labels: metadata?.labels ?? {},
		terminating: metadata?.deletionTimestamp !== undefined,
		ended: status?.phase === 'Succeeded' || status?.phase === 'Failed',
		graceSeconds: metadata?.deletionGracePeriodSeconds ?? spec?.terminationGracePeriodSeconds ?? DEFAULT_GRACE_S,
		ready: condition('Ready')?.status === 'True',
		unschedulable: scheduled?.status === 'False' ? (scheduled.message ?? scheduled.reason ?? 'not scheduled') : '',
		containers: (spec?.containers ?? []).map(({ name, image }) =>
			containerFacts({ name, image: image ?? '' }, statuses.get(name)),
		),
	};
}

function containerFacts(
	declared: { name: string; image: string },
	status: V1ContainerStatus | undefined,
): ContainerFacts {
	return {
		...declared,
		imageId: status?.imageID ?? '',
		ready: status?.ready ?? false,
		restarts: status?.restartCount ?? 0,
		waitingReason: status?.state?.waiting?.reason ?? '',
		waitingMessage: status?.state?.waiting?.message ?? '',
	};
}

/** The facts of an autoscaler; none when it scales anything but a Deployment. */
export function autoscalerFacts({ metadata, spec }: V2HorizontalPodAutoscaler): AutoscalerFacts[] {
	if (spec?.scaleTargetRef.kind !== 'Deployment') return [];
	return [
		{
			name: metadata?.name ?? '',
			deployment: spec.scaleTargetRef.name,
			// The API's own default.
			least: spec.minReplicas ?? 1,
			most: spec.maxReplicas,
		},
	];
}

/** The facts of a Service. */
export function serviceFacts({ metadata, spec }: V1Service): ServiceFacts {
	return { ...writable(metadata), selector: spec?.selector ?? {} };
}

/** What tells who looks after an object. */
export function managementFacts(kind: string, { metadata }: { readonly metadata?: V1ObjectMeta }): Management {
	return {
		object: `${kind}/${metadata?.name ?? ''}`,
		labels: metadata?.labels ?? {},
		annotations: metadata?.annotations ?? {},
		managers: (metadata?.managedFields ?? []).map(({ manager, operation, fieldsV1 }) => ({
			manager: manager ?? '',
			operation: operation ?? '',
			fields: fieldPaths(fieldsV1),
		})),
	};
}

/** The endpoints of one slice. */
export function endpointFacts(slice: V1EndpointSlice): EndpointFacts[] {
	return (slice.endpoints ?? []).map(({ addresses, conditions, targetRef }) => ({
		addresses,
		ready: conditions?.ready ?? true,
		pod: targetRef?.kind === 'Pod' ? (targetRef.name ?? '') : '',
	}));
}

function writable(metadata: V1ObjectMeta | undefined): Writable {
	return {
		name: metadata?.name ?? '',
		resourceVersion: metadata?.resourceVersion ?? '',
		annotations: metadata?.annotations ?? {},
	};
}
