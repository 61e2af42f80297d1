import type { Json, Release } from '../../lib/release/model';

/** A release as an item carries it under the key `release`: plain JSON, times in ISO 8601. */
export function releaseJson(release: Release): { readonly [key: string]: Json } {
	const { id, token, environment, version, commit, startedBy, state, rehearsal, deliveryId, executionId } = release;
	return {
		id,
		token,
		environment,
		version,
		commit,
		images: release.images.map(({ workload, image }) => ({ workload, image })),
		startedBy,
		state,
		rehearsal,
		deliveryId,
		executionId,
		startedAt: release.startedAt.toISOString(),
		watchUntil: release.watchUntil?.toISOString() ?? null,
		finishedAt: release.finishedAt?.toISOString() ?? null,
	};
}
