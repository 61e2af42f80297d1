import type { ReleaseSet } from '../model';
import { deploymentsOf } from '../objectsOf';
import type { DeclaredWorkload, Finding, RunningWorkload, Scaler } from './model';

/** Workloads of the namespace that run an image of the release set and that nobody declared: they would stay on the old version unseen. */
export function assessUndeclared(
	running: readonly RunningWorkload[],
	set: ReleaseSet,
	declared: readonly DeclaredWorkload[],
): Finding[] {
	const repositories = new Map(set.workloads.map(({ repository, service }) => [repository, service]));
	const known = new Set([
		...deploymentsOf(set).map((name) => `Deployment/${name}`),
		...declared.map(({ object }) => object),
	]);
	return running
		.filter(({ object }) => !known.has(object))
		.flatMap(({ object, images }) => {
			const service = images
				.map((image) => repositories.get(repositoryOf(image)))
				.find((name) => name !== undefined);
			if (service === undefined) return [];
			return [
				{
					name: `undeclared:${object}`,
					kind: 'undeclared' as const,
					object,
					problem: `it runs the image of ${service}, and the release does not know of it`,
					remedy: `Declare it: under "workers", with two Deployments, it moves with the release; under "ownership" with its role (worker, cron, singleton, stateful) it is left where it is`,
				},
			];
		});
}

/**
 * Autoscalers that may start the colour of a worker that is not to run: KEDA's scales up from 0 itself, and so does one whose minimum is 0. Any
 * other leaves a Deployment with 0 replicas alone.
 */
export function assessWorkerScalers(scalers: readonly Scaler[], { workers = [] }: ReleaseSet): Finding[] {
	const deployments = deploymentsOf({ workloads: [], workers });
	return scalers
		.filter(({ object, deployment, least }) => {
			const startsItself = least === 0 || object.startsWith('ScaledObject/');
			return startsItself && deployments.includes(deployment);
		})
		.map(({ object, deployment }) => ({
			name: `autoscaler:${object}`,
			kind: 'autoscaler' as const,
			object,
			problem: `it may start ${deployment} when the release has stopped it`,
			remedy: `Pause it for the colour that does not run, or scale by a HorizontalPodAutoscaler with a minimum of 1 or more; then accept it by its name`,
		}));
}

/**
 * Autoscalers that may give the idle colour, which has no traffic, fewer replicas than the live one has, or that may not give it as many:
 * the switch would be refused for want of ready endpoints, or users would get too few. `live`: replicas by Deployment, for both colours.
 */
export function assessScalers(scalers: readonly Scaler[], live: ReadonlyMap<string, number>): Finding[] {
	return scalers.flatMap(({ object, deployment, least, most }) => {
		const wanted = live.get(deployment);
		if (wanted === undefined || (least >= wanted && most >= wanted)) return [];
		const limit = most < wanted ? `at most ${most}` : `as few as ${least}`;
		return [
			{
				name: `autoscaler:${object}`,
				kind: 'autoscaler' as const,
				object,
				problem: `it may give ${deployment} ${limit} replicas, and the live colour has ${wanted}`,
				remedy: `Raise its ${most < wanted ? 'maximum' : 'minimum'} to ${wanted} until the watch is over`,
			},
		];
	});
}

/** An image without its tag and digest. A colon before the last slash is the registry's port. */
export function repositoryOf(image: string): string {
	const [plain = ''] = image.split('@');
	const slash = plain.lastIndexOf('/');
	const colon = plain.indexOf(':', slash + 1);
	return colon < 0 ? plain : plain.slice(0, colon);
}
