import { timestampMs } from '../clock.ts';
import { findCondition } from './conditions.ts';
import { isReady } from './podState.ts';
import type { Pod } from '../model.ts';

/**
 * Orders pods by how little is lost with them, first to go first: unbound before bound, pending before running, not ready
 * before ready, lower deletion cost, ready for a shorter time, more restarts, younger.
 */
export function rankForDeletion(pods: readonly Pod[]): Pod[] {
	return [...pods].sort((a, b) => compare(rank(a), rank(b)));
}

const phases = ['Pending', 'Unknown', 'Running'];

function rank(pod: Pod): number[] {
	const { metadata, spec, status } = pod;
	const restarts = Math.max(0, ...(status?.containerStatuses ?? []).map(({ restartCount }) => restartCount));
	return [
		spec.nodeName ? 1 : 0,
		phases.indexOf(status?.phase ?? 'Pending'),
		isReady(pod) ? 1 : 0,
		Number(metadata.annotations?.['controller.kubernetes.io/pod-deletion-cost'] ?? 0) || 0,
		-(timestampMs(findCondition(status?.conditions, 'Ready')?.lastTransitionTime) || 0),
		-restarts,
		-timestampMs(metadata.creationTimestamp),
	];
}

function compare(a: readonly number[], b: readonly number[]): number {
	const index = a.findIndex((value, position) => value !== b[position]);
	return index < 0 ? 0 : (a[index] ?? 0) - (b[index] ?? 0);
}
