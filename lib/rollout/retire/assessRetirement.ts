import type { AutoscalerFacts } from '../autoscalers';
import type { Colour, WorkloadRecord } from '../model';

export interface RetirementFacts {
	/** What the Service selects, and the digest that it runs. */
	readonly live: { readonly colour: Colour; readonly digest: string | undefined };
	/** Digest that the release deployed. */
	readonly target: string;
	/** Pods of that digest that take traffic, and how many are to. */
	readonly ready: number;
	readonly required: number;
	readonly previous: { readonly replicas: number; readonly frozen: boolean };
	/** That of the previous colour; undefined: none. */
	readonly autoscaler: AutoscalerFacts | undefined;
}

/** `scale-down`; `already`: it has no replicas; `keep`: with the reason. */
export type Retirement =
	{ readonly action: 'scale-down' | 'already' } | { readonly action: 'keep'; readonly reason: string };

/**
 * Whether the colour that a release replaced may be scaled down: only while the release's own version serves, with all of its endpoints. Whatever
 * is in doubt keeps it, which costs replicas and nothing else.
 */
export function assessRetirement(
	{ service, idleColour }: Pick<WorkloadRecord, 'service' | 'idleColour'>,
	{ live, target, ready, required, previous, autoscaler }: RetirementFacts,
): Retirement {
	const keep = (reason: string): Retirement => ({ action: 'keep', reason });
	if (live.colour !== idleColour || live.digest !== target)
		return keep(
			`${service} serves ${live.colour} ${live.digest ?? 'of an unknown digest'}, not what this release left`,
		);
	if (previous.frozen) return keep('the writers are frozen: the thaw decides what it has');
	if (previous.replicas === 0) return { action: 'already' };
	if (ready < Math.max(1, required)) return keep(`${ready} of ${required} endpoints of ${service} are ready`);
	if (autoscaler?.least === 0)
		return keep(`its autoscaler ${autoscaler.name} may choose 0 itself, and would scale it up again`);
	return { action: 'scale-down' };
}
