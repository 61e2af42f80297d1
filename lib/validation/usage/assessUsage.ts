import type { LimitedPod, MeasuredPod, ResourceName, ResourceUsage, UsageLimits, UsageLook } from './model';

type Look = Exclude<UsageLook, { problem: string }>;

/** A container's share of its limit, over the looks. */
interface Share {
	readonly name: string;
	readonly value: number;
}

/**
 * Judges one resource over several looks: the mean share of each container, and of those the largest. At or below the pass limit = passed,
 * above it = failed. A look that could not be made, no pod, a container without a limit or without a measurement, in any look = inconclusive: the
 * container that is not seen may be the busy one.
 */
export function assessUsage(resource: ResourceName, looks: readonly UsageLook[], limits: UsageLimits): ResourceUsage {
	const limit = limits[resource].pass;
	const unknown = { resource, verdict: 'inconclusive', level: 'unknown', value: null, limit, worst: '' } as const;
	const made = looks.filter((look): look is Look => !('problem' in look));
	const failed = looks.find((look) => 'problem' in look);
	if (failed !== undefined) return { ...unknown, reason: failed.problem };
	const gap = made.length === 0 ? 'nothing was measured' : findGap(resource, made);
	if (gap !== undefined) return { ...unknown, reason: gap };
	const [worst] = meanShares(resource, made).sort((a, b) => b.value - a.value);
	if (worst === undefined) return { ...unknown, reason: 'no container runs' };
	const reason = `${worst.name} uses ${percent(worst.value)} of its ${resource} limit, at most ${percent(limit)} is allowed`;
	const found = { resource, value: worst.value, limit, worst: worst.name, reason };
	if (worst.value <= limit) return { ...found, verdict: 'passed', level: 'pass' };
	const isWarning = resource === 'cpu' && worst.value > limits.cpu.warning;
	return { ...found, verdict: 'failed', level: isWarning ? 'warning' : 'above-pass' };
}

function findGap(resource: ResourceName, looks: readonly Look[]): string | undefined {
	for (const { pods, measured } of looks) {
		if (pods.length === 0) return 'no pod runs';
		for (const pod of pods) {
			for (const container of pod.containers) {
				const name = `${pod.name}/${container.name}`;
				if (container[resource] === null) return `${name} has no ${resource} limit to judge by`;
				if (usageOf(measured, pod, container.name) === undefined)
					return `the metrics API has nothing on ${name} yet`;
			}
		}
	}
	return undefined;
}

function meanShares(resource: ResourceName, looks: readonly Look[]): Share[] {
	const shares = new Map<string, number[]>();
	for (const { pods, measured } of looks) {
		for (const pod of pods) {
			for (const container of pod.containers) {
				const used = usageOf(measured, pod, container.name)?.[resource] ?? NaN;
				const name = `${pod.name}/${container.name}`;
				shares.set(name, [...(shares.get(name) ?? []), used / (container[resource] ?? NaN)]);
			}
		}
	}
	return [...shares].map(([name, values]) => ({ name, value: values.reduce((a, b) => a + b, 0) / values.length }));
}

function usageOf(
	measured: readonly MeasuredPod[],
	pod: LimitedPod,
	container: string,
): { readonly cpu: number; readonly memory: number } | undefined {
	return measured.find(({ name }) => name === pod.name)?.containers.find(({ name }) => name === container);
}

function percent(share: number): string {
	return `${Math.round(share * 1000) / 10} %`;
}
