import type { Finding, Management } from './model';

/** A tool that reconciles, by the marks it leaves on what it looks after. */
interface Reconciler {
	readonly tool: string;
	readonly labels: readonly string[];
	readonly annotations: readonly string[];
	readonly managers: RegExp;
	readonly remedy: string;
}

/** Marks as the tools document them: Argo CD's resource tracking, Flux's ownership labels, Rancher Fleet's and Config Sync's. */
const RECONCILERS: readonly Reconciler[] = [
	{
		tool: 'Argo CD',
		labels: ['argocd.argoproj.io/instance'],
		annotations: ['argocd.argoproj.io/tracking-id'],
		managers: /^argocd-/,
		remedy: 'List /spec/selector of the Services, /spec/replicas and the images of the Deployments in ignoreDifferences of the Application, with the sync option RespectIgnoreDifferences=true',
	},
	{
		tool: 'Flux',
		labels: ['kustomize.toolkit.fluxcd.io/name', 'helm.toolkit.fluxcd.io/name'],
		annotations: [],
		managers: /^(kustomize|helm)-controller$/,
		remedy: 'Take selector, replicas and images out of git, or annotate the object with kustomize.toolkit.fluxcd.io/ssa: IfNotPresent',
	},
	{
		tool: 'Rancher Fleet',
		labels: ['objectset.rio.cattle.io/hash'],
		annotations: ['objectset.rio.cattle.io/id'],
		managers: /^fleet-?agent/,
		remedy: 'Ignore these fields under diff.comparePatches of fleet.yaml',
	},
	{
		tool: 'Config Sync',
		labels: [],
		annotations: ['configmanagement.gke.io/managed', 'configsync.gke.io/resource-id'],
		managers: /^configsync/,
		remedy: 'Annotate the object with client.lifecycle.config.k8s.io/mutation: ignore',
	},
];
/** Annotations by which an object is already left alone. */
const LEFT_ALONE: readonly (readonly [string, string])[] = [
	['kustomize.toolkit.fluxcd.io/reconcile', 'disabled'],
	['kustomize.toolkit.fluxcd.io/ssa', 'IfNotPresent'],
	['client.lifecycle.config.k8s.io/mutation', 'ignore'],
];
/** Our own writes, and people's: those come once. */
const NO_RECONCILER = /^(deployment-runbook|kubectl|kubectl-.*|before-first-apply)$/;

/**
 * Who would put back what a release writes to this object. `fields`: the ones it writes. Tracking marks tell of a tool even after our own
 * write has taken a field over; a server-side apply by anybody but kubectl comes again.
 */
export function assessManagement(object: Management, fields: RegExp): Finding[] {
	const { labels, annotations, managers } = object;
	if (LEFT_ALONE.some(([name, value]) => annotations[name] === value)) return [];
	const writers = managers.filter((entry) => entry.fields.some((field) => fields.test(field)));
	const tool = RECONCILERS.find(
		(one) =>
			one.labels.some((name) => name in labels) ||
			one.annotations.some((name) => name in annotations) ||
			writers.some(({ manager }) => one.managers.test(manager)),
	);
	if (tool)
		return [
			{
				name: `gitops:${object.object}`,
				kind: 'gitops',
				object: object.object,
				problem: `${tool.tool} looks after it and puts back what is in git`,
				remedy: `${tool.remedy}; then accept it by its name`,
			},
		];
	return writers
		.filter(({ manager, operation }) => operation === 'Apply' && !NO_RECONCILER.test(manager))
		.map(({ manager, fields: owned }) => ({
			name: `apply:${object.object}`,
			kind: 'apply',
			object: object.object,
			problem: `"${manager}" applies ${owned.filter((field) => fields.test(field)).join(', ')}, and will again`,
			remedy: `Take these fields out of what "${manager}" applies; or accept it by its name, if it runs only when you say so`,
		}));
}
