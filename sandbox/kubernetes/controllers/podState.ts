import { timestampMs } from '../clock.ts';
import { findCondition } from './conditions.ts';
import type { Pod } from '../model.ts';

/** Whether the pod counts towards its ReplicaSet: not ended and not being deleted. */
export function isActive({ metadata, status }: Pod): boolean {
	return !metadata.deletionTimestamp && status?.phase !== 'Succeeded' && status?.phase !== 'Failed';
}

/** Whether the kubelet reports the pod as ready. */
export function isReady({ status }: Pod): boolean {
	return findCondition(status?.conditions, 'Ready')?.status === 'True';
}

/** Milliseconds until the pod has been ready for `minReadySeconds`: 0 when it is available, undefined when not ready. */
export function availableInMs(pod: Pod, minReadySeconds: number): number | undefined {
	if (!isReady(pod)) return undefined;
	if (minReadySeconds === 0) return 0;
	const since = timestampMs(findCondition(pod.status?.conditions, 'Ready')?.lastTransitionTime);
	return Math.max(0, since + minReadySeconds * 1000 - Date.now()) || 0;
}
