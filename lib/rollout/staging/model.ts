/**
 * Glossary. *Staging* is the place where a release's images run before production is asked for: in a namespace of its own, with one
 * Deployment a workload, without colours. The images are the very digests that production gets.
 */
export interface Staging {
	readonly namespace: string;
	/** UID of the cluster that it has to be in. Absent: any. */
	readonly clusterUid?: string | undefined;
	readonly workloads: readonly StagedWorkload[];
}

export interface StagedWorkload {
	/** The workload's Service in production, by which the release names its image. */
	readonly service: string;
	/** The Deployment in staging. */
	readonly deployment: string;
	readonly container: string;
}
