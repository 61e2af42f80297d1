import type { Json, Release } from '../../lib/release/model';

/** A release as an item carries it under the key `release`: plain JSON, times in ISO 8601. */
export function releaseJson(release: Release): { readonly [key: string]: Json } {
	const { id, token, environment, version, commit, startedBy, state, rehearsal, deliveryId, executionId } = release;
	const { authors, override, resumes, pointOfNoReturn, reason } = release;
	return {
		id,
		token,
		environment,
		version,
		commit,
		images: release.images.map(({ workload, image }) => ({ workload, image })),
		startedBy,
		authors,
		override: override && { ...override },
		state,
		reason,
		resumes,
		pointOfNoReturn: pointOfNoReturn && { ...pointOfNoReturn },
		rehearsal,
		contracts: release.contracts,
		// What its migrations go up to, as Prisma Migrate calls it.
		upTo: release.contracts ? 'all' : 'lastExpand',
		deliveryId,
		executionId,
		startedAt: release.startedAt.toISOString(),
		waitingUntil: release.waitingUntil?.toISOString() ?? null,
		heartbeatAt: release.heartbeatAt?.toISOString() ?? null,
		rollingBackAt: release.rollingBackAt?.toISOString() ?? null,
		watchUntil: release.watchUntil?.toISOString() ?? null,
		finishedAt: release.finishedAt?.toISOString() ?? null,
	};
}
