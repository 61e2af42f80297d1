import { z } from 'zod';
import type { ForeignObject, RunningWorkload, Scaler } from './model';

/** A kind of objects, as the API lists it. */
export interface ListedKind {
	readonly group: string;
	readonly plural: string;
	readonly kind: string;
}

/** What runs pods for longer than once. */
export const WORKLOAD_KINDS: readonly ListedKind[] = [
	{ group: 'apps', plural: 'deployments', kind: 'Deployment' },
	{ group: 'apps', plural: 'statefulsets', kind: 'StatefulSet' },
	{ group: 'apps', plural: 'daemonsets', kind: 'DaemonSet' },
	{ group: 'batch', plural: 'cronjobs', kind: 'CronJob' },
];

export const FOREIGN_KINDS = {
	virtualService: { group: 'networking.istio.io', plural: 'virtualservices', kind: 'VirtualService' },
	httpRoute: { group: 'gateway.networking.k8s.io', plural: 'httproutes', kind: 'HTTPRoute' },
	trafficSplit: { group: 'split.smi-spec.io', plural: 'trafficsplits', kind: 'TrafficSplit' },
	rollout: { group: 'argoproj.io', plural: 'rollouts', kind: 'Rollout' },
	scaledObject: { group: 'keda.sh', plural: 'scaledobjects', kind: 'ScaledObject' },
} as const satisfies Record<string, ListedKind>;

const METADATA = z.object({ name: z.string() });
const CONTAINERS = z.array(z.object({ image: z.string().optional() })).default([]);
const POD_SPEC = z.object({ containers: CONTAINERS, initContainers: CONTAINERS });
const TEMPLATE = z.object({ spec: POD_SPEC });
const WORKLOAD = z.object({ metadata: METADATA, spec: z.object({ template: TEMPLATE }) });
const CRON_JOB = z.object({
	metadata: METADATA,
	spec: z.object({ jobTemplate: z.object({ spec: z.object({ template: TEMPLATE }) }) }),
});
const FOREIGN = z.object({ metadata: METADATA, spec: z.unknown() });
/** Defaults as KEDA documents them. */
const SCALED_OBJECT = z.object({
	metadata: METADATA,
	spec: z.object({
		scaleTargetRef: z.object({ kind: z.string().default('Deployment'), name: z.string() }),
		minReplicaCount: z.number().default(0),
		maxReplicaCount: z.number().default(100),
	}),
});

export function runningOf({ kind }: ListedKind, object: unknown): RunningWorkload {
	const { metadata, spec } = kind === 'CronJob' ? asWorkload(CRON_JOB.parse(object)) : WORKLOAD.parse(object);
	const { containers, initContainers } = spec.template.spec;
	return {
		object: `${kind}/${metadata.name}`,
		images: [...containers, ...initContainers].flatMap(({ image }) => image ?? []),
	};
}

function asWorkload({ metadata, spec }: z.output<typeof CRON_JOB>): z.output<typeof WORKLOAD> {
	return { metadata, spec: spec.jobTemplate.spec };
}

export function foreignOf({ kind }: ListedKind, object: unknown): ForeignObject {
	const { metadata, spec } = FOREIGN.parse(object);
	return { object: `${kind}/${metadata.name}`, spec };
}

/** What KEDA scales; of no Deployment when it scales something else. */
export function scaledObjectOf({ kind }: ListedKind, object: unknown): Scaler {
	const { metadata, spec } = SCALED_OBJECT.parse(object);
	const { scaleTargetRef: target, minReplicaCount: least, maxReplicaCount: most } = spec;
	const deployment = target.kind === 'Deployment' ? target.name : '';
	return { object: `${kind}/${metadata.name}`, deployment, least, most };
}
