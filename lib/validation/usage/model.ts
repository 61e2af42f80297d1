import type { Verdict } from '../../support/verdict';

/** CPU and memory are judged as a share of the limit: that is where Kubernetes throttles or kills. */
export type ResourceName = 'cpu' | 'memory';

/** What a container's spec allows. CPU in cores, memory in bytes; null without a limit. */
export interface ContainerLimits {
	readonly name: string;
	readonly cpu: number | null;
	readonly memory: number | null;
}

export interface LimitedPod {
	readonly name: string;
	readonly containers: readonly ContainerLimits[];
}

/** What the metrics API measured of a container. CPU in cores, memory in bytes. */
export interface ContainerUsage {
	readonly name: string;
	readonly cpu: number;
	readonly memory: number;
}

export interface MeasuredPod {
	readonly name: string;
	readonly containers: readonly ContainerUsage[];
}

/** One look: the pods that run, and what was measured of them; a reason where the look could not be made. */
export type UsageLook =
	{ readonly pods: readonly LimitedPod[]; readonly measured: readonly MeasuredPod[] } | { readonly problem: string };

/** The shares that pass and that warn, between 0 and 1. */
export interface UsageLimits {
	readonly cpu: { readonly pass: number; readonly warning: number };
	readonly memory: { readonly pass: number };
}

/** The busiest container of all pods, by the mean of its looks. */
export interface ResourceUsage {
	readonly resource: ResourceName;
	readonly verdict: Verdict;
	/** `pass`, `above-pass` or `warning`; `unknown` where nothing can be said. */
	readonly level: 'pass' | 'above-pass' | 'warning' | 'unknown';
	/** Share of the limit, 0 to 1 and above; null when it cannot be told. */
	readonly value: number | null;
	/** The share that passes. */
	readonly limit: number;
	/** `pod/container` of the value; empty without one. */
	readonly worst: string;
	readonly reason: string;
}

/**
 * The calls that usage makes to a Kubernetes API, each with a deadline of its own (10 s). They throw RunbookError
 * VALIDATION.USAGE_REFUSED for a refusal; whatever else goes wrong is a problem of the look.
 */
export interface UsageCluster {
	look(signal: AbortSignal): Promise<UsageLook>;
	close(): Promise<void>;
}
