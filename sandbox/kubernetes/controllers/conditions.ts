import { timestamp } from '../clock.ts';
import type { Condition } from '../model.ts';

/** The condition of a type, if it is there. */
export function findCondition(conditions: readonly Condition[] | undefined, type: string): Condition | undefined {
	return conditions?.find((condition) => condition.type === type);
}

/**
 * The conditions with one set. The same status and reason as before change nothing; the same status with another reason
 * keeps the moment of transition.
 */
export function setCondition(
	conditions: readonly Condition[] | undefined,
	condition: Pick<Condition, 'type' | 'status' | 'reason' | 'message'>,
): Condition[] {
	const current = findCondition(conditions, condition.type);
	if (current?.status === condition.status && current.reason === condition.reason) return [...(conditions ?? [])];
	const now = timestamp();
	const isSameStatus = current?.status === condition.status && current.lastTransitionTime !== undefined;
	const lastTransitionTime = isSameStatus ? (current.lastTransitionTime ?? now) : now;
	return [...removeCondition(conditions, condition.type), { ...condition, lastUpdateTime: now, lastTransitionTime }];
}

/** The conditions without those of a type. */
export function removeCondition(conditions: readonly Condition[] | undefined, type: string): Condition[] {
	return (conditions ?? []).filter((condition) => condition.type !== type);
}
