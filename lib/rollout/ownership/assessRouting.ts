import type { ReleaseSet } from '../model';
import type { Finding, ForeignObject } from './model';

interface Destination {
	readonly service: string;
	/** True when the route itself chooses among pods or Services. */
	readonly chooses: boolean;
}

/**
 * Routes that send traffic by something other than the Service's selector: several weighted destinations, a subset of its pods, its preview
 * Service. A route with the live Service as its one destination is no finding: the selector still decides.
 */
export function assessRouting(routes: readonly ForeignObject[], set: ReleaseSet): Finding[] {
	return routes.flatMap(({ object, spec }) => {
		const names = destinationsOf(object, spec).filter(({ service }) => isOurs(service, set));
		const previews = set.workloads.map(({ previewService }) => previewService);
		const owned = names.find(({ service, chooses }) => chooses || previews.includes(shortName(service, set)));
		if (!owned) return [];
		return [
			{
				name: `mesh:${object}`,
				kind: 'mesh' as const,
				object,
				problem: `it chooses itself where the traffic of ${owned.service} goes, past the Service's selector`,
				remedy: `Give it the live Service as its one destination, without subset and weights, so that the selector decides; or accept it by its name`,
			},
		];
	});
}

/** A Rollout of Argo Rollouts that drives our Deployments or Services. */
export function assessArgoRollouts(rollouts: readonly ForeignObject[], { workloads }: ReleaseSet): Finding[] {
	const ours = new Set(
		workloads.flatMap(({ service, previewService, deployments }) => [
			service,
			previewService,
			...Object.values(deployments),
		]),
	);
	return rollouts.flatMap(({ object, spec }) => {
		const blueGreen = at(spec, 'strategy', 'blueGreen');
		const canary = at(spec, 'strategy', 'canary');
		const named = [
			at(spec, 'workloadRef', 'name'),
			at(blueGreen, 'activeService'),
			at(blueGreen, 'previewService'),
			at(canary, 'stableService'),
			at(canary, 'canaryService'),
		].filter((name) => typeof name === 'string');
		const owned = named.find((name) => ours.has(name));
		if (owned === undefined) return [];
		return [
			{
				name: `argo-rollout:${object}`,
				kind: 'argo-rollout' as const,
				object,
				problem: `it moves ${owned} itself`,
				remedy: 'Let one of the two do it: take the workload out of the configuration, or delete the Rollout',
			},
		];
	});
}

function destinationsOf(object: string, spec: unknown): Destination[] {
	if (object.startsWith('VirtualService/'))
		return list(spec, 'http', 'tcp', 'tls').flatMap((rule) => {
			const targets = list(rule, 'route');
			return targets.map((target) => ({
				service: text(at(target, 'destination', 'host')),
				chooses: targets.length > 1 || at(target, 'destination', 'subset') !== undefined,
			}));
		});
	if (object.startsWith('TrafficSplit/')) return [{ service: text(at(spec, 'service')), chooses: true }];
	return list(spec, 'rules').flatMap((rule) => {
		const targets = list(rule, 'backendRefs').filter((ref) => (at(ref, 'kind') ?? 'Service') === 'Service');
		return targets.map((target) => ({ service: text(at(target, 'name')), chooses: targets.length > 1 }));
	});
}

function isOurs(service: string, set: ReleaseSet): boolean {
	const name = shortName(service, set);
	return set.workloads.some((workload) => workload.service === name || workload.previewService === name);
}

/** `api`, `api.production` and `api.production.svc.cluster.local` are one; the same name in another namespace is not. */
function shortName(host: string, { namespace }: ReleaseSet): string {
	const [name = '', where = namespace] = host.split('.');
	return where === namespace ? name : host;
}

function at(value: unknown, ...path: readonly string[]): unknown {
	return path.reduce<unknown>(
		(node, key) => (node !== null && typeof node === 'object' ? (node as Record<string, unknown>)[key] : undefined),
		value,
	);
}

function list(value: unknown, ...keys: readonly string[]): unknown[] {
	return keys.flatMap((key) => {
		const found = at(value, key);
		return Array.isArray(found) ? (found as unknown[]) : [];
	});
}

function text(value: unknown): string {
	return typeof value === 'string' ? value : '';
}
