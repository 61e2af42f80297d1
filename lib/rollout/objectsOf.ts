import type { ReleaseSet } from './model';

/** Names of the Services that a release writes: live and preview of every workload. */
export function servicesOf({ workloads }: Pick<ReleaseSet, 'workloads'>): string[] {
	return workloads.flatMap(({ service, previewService }) => [service, previewService]);
}

/** Names of the Deployments that a release writes: both colours of every workload and of every worker. */
export function deploymentsOf({ workloads, workers = [] }: Pick<ReleaseSet, 'workloads' | 'workers'>): string[] {
	return [...workloads, ...workers].flatMap(({ deployments }) => [deployments.blue, deployments.green]);
}
