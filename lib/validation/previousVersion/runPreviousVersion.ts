import type { JobSecrets, SuiteCluster, SuiteJob, SuiteResult } from '../suite/model';
import { runSuite, type RunSuiteOptions } from '../suite/runSuite';

export interface PreviousVersionOptions extends Omit<RunSuiteOptions, 'started'> {
	/** Variables that nobody but the pod may read, such as the address of the database. */
	readonly secret: Readonly<Record<string, string>>;
}

/**
 * Runs the previous version's critical path as a Job whose `secret` variables come from a Secret of its own. That one belongs to the Job, so
 * that a run that is killed leaves none behind for longer than its Job, and is deleted at the end whatever the verdict.
 * @throws RunbookError VALIDATION.CLUSTER_REFUSED, JOB_REFUSED; the signal's reason
 */
export async function runPreviousVersion(
	cluster: SuiteCluster & JobSecrets,
	job: SuiteJob,
	{ secret, ...options }: PreviousVersionOptions,
): Promise<SuiteResult> {
	const { name, namespace } = job;
	const keys = Object.keys(secret).map((variable) => ({ variable, secret: name }));
	const started = async (): Promise<void> => {
		const facts = await cluster.readJob(namespace, name);
		if (facts) await cluster.putSecret({ name, namespace, jobUid: facts.uid, values: secret });
	};
	try {
		return await runSuite(cluster, { ...job, keys }, { ...options, started });
	} finally {
		await cluster
			.deleteSecret(namespace, name)
			.catch(() => options.log(`the Secret ${name} could not be deleted: it goes together with its Job`));
	}
}
