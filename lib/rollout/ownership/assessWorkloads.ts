import type { ReleaseSet } from '../model';
import type { DeclaredWorkload, Finding, RunningWorkload, Scaler } from './model';

/** Workloads of the namespace that run an image of the release set and that nobody declared: they would stay on the old version unseen. */
export function assessUndeclared(
	running: readonly RunningWorkload[],
	{ workloads }: ReleaseSet,
	declared: readonly DeclaredWorkload[],
): Finding[] {
	const repositories = new Map(workloads.map(({ repository, service }) => [repository, service]));
	const known = new Set([
		...workloads.flatMap(({ deployments }) => Object.values(deployments).map((name) => `Deployment/${name}`)),
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
					remedy: `Declare it with its role (worker, cron, singleton, stateful): the release leaves it where it is, and says so`,
				},
			];
		});
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
