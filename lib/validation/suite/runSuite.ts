import type { Clock } from '../../support/clock';
import { RunbookError } from '../../support/runbookError';
import { assessSuite } from './assessSuite';
import type { JobFacts, SuiteCluster, SuiteJob, SuiteLog, SuitePod, SuiteResult } from './model';

export interface RunSuiteOptions {
	readonly leastTests: number;
	/** Between two looks at the Job, in milliseconds. */
	readonly pollMs: number;
	readonly clock: Clock;
	readonly signal: AbortSignal;
	/** One line of progress. */
	readonly log: (message: string) => void;
	/** Called once the Job is there, for what its pod still waits for. When it throws, the Job is taken away. Absent: nothing. */
	readonly started?: () => Promise<void>;
}

/** Reasons for which a container never starts by itself; given some time, as a registry may be slow once. */
const CANNOT_START =
	/^(ErrImagePull|ImagePullBackOff|InvalidImageName|ErrImageNeverPull|CreateContainer(Config)?Error|RunContainerError)$/;
const START_PATIENCE_MS = 30_000;
/** Beyond the Job's own deadline: for its pod to be scheduled and its end to be written. */
const END_PATIENCE_MS = 60_000;

/**
 * Starts the suite, or goes on with the one that a killed run left behind, follows it to its end and judges its report. A cancelled
 * execution takes the Job away. An API that does not answer is asked again until the deadline.
 * @throws RunbookError VALIDATION.CLUSTER_REFUSED, JOB_REFUSED; the signal's reason
 */
export async function runSuite(cluster: SuiteCluster, job: SuiteJob, options: RunSuiteOptions): Promise<SuiteResult> {
	const startedMs = options.clock.monotonicMs();
	const result = (rest: Omit<SuiteResult, 'job' | 'durationMs'>): SuiteResult => ({
		...rest,
		job: job.name,
		durationMs: Math.round(options.clock.monotonicMs() - startedMs),
	});
	const nothing = { verdict: 'inconclusive', pod: '', exitCode: null, report: null } as const;
	try {
		await start(cluster, job, options);
		await options.started?.().catch(async (error: unknown) => {
			await takeAway(cluster, job);
			throw error;
		});
		const { facts, pod, problem } = await follow(cluster, job, options);
		if (facts === undefined || problem !== undefined)
			return result({ ...nothing, reason: problem ?? 'the job was deleted by somebody', pod: pod?.name ?? '' });
		const log = pod && (await readLog(cluster, job, pod));
		const assessed = assessSuite({ job: facts, pod, log, leastTests: options.leastTests });
		return result({ ...assessed, pod: pod?.name ?? '', exitCode: pod?.exitCode ?? null });
	} catch (error) {
		if (options.signal.aborted) await takeAway(cluster, job);
		if (!isUnreachable(error)) throw error;
		return result({ ...nothing, reason: error.message });
	}
}

/** A Job of that name that has ended is of an earlier attempt: it is judged anew. One that runs is the same suite, begun before. */
async function start(
	cluster: SuiteCluster,
	job: SuiteJob,
	{ clock, signal, pollMs, log }: RunSuiteOptions,
): Promise<void> {
	for (;;) {
		signal.throwIfAborted();
		const found = await cluster.readJob(job.namespace, job.name);
		if (found?.state === 'running') {
			log(`goes on with the job ${job.name}`);
			return;
		}
		if (found) await cluster.deleteJob(job.namespace, job.name, found.uid);
		else if (await cluster.createJob(job)) {
			log(`started the job ${job.name}`);
			return;
		}
		await clock.sleep(pollMs, signal);
	}
}

interface Followed {
	readonly facts: JobFacts | undefined;
	readonly pod: SuitePod | undefined;
	/** Why there is nothing to judge; absent when there is. */
	readonly problem?: string;
}

async function follow(cluster: SuiteCluster, job: SuiteJob, options: RunSuiteOptions): Promise<Followed> {
	const { clock, signal, pollMs } = options;
	const giveUpMs = clock.monotonicMs() + job.deadlineSeconds * 1000 + END_PATIENCE_MS;
	let stuckSinceMs: number | undefined;
	let pod: SuitePod | undefined;
	for (;;) {
		signal.throwIfAborted();
		const looked = await look(cluster, job);
		if (looked && looked.facts === undefined) return { facts: undefined, pod };
		pod = looked?.pod ?? pod;
		if (looked?.facts && looked.facts.state !== 'running') return { facts: looked.facts, pod };
		const nowMs = clock.monotonicMs();
		const stuck = looked !== undefined && CANNOT_START.test(looked.pod?.waiting ?? '');
		stuckSinceMs = stuck ? (stuckSinceMs ?? nowMs) : undefined;
		if (stuckSinceMs !== undefined && nowMs - stuckSinceMs >= START_PATIENCE_MS) {
			await takeAway(cluster, job);
			return { facts: looked?.facts, pod, problem: `the suite cannot start: ${pod?.waiting ?? ''}` };
		}
		if (nowMs >= giveUpMs) {
			await takeAway(cluster, job);
			return { facts: looked?.facts, pod, problem: 'the job did not end although its deadline has passed' };
		}
		await clock.sleep(pollMs, signal);
	}
}

/** Undefined when the API could not be asked this time. */
async function look(cluster: SuiteCluster, job: SuiteJob): Promise<Omit<Followed, 'problem'> | undefined> {
	try {
		const facts = await cluster.readJob(job.namespace, job.name);
		return { facts, pod: facts && (await cluster.readPod(job.namespace, facts.uid)) };
	} catch (error) {
		if (isUnreachable(error)) return undefined;
		throw error;
	}
}

async function readLog(cluster: SuiteCluster, { namespace }: SuiteJob, pod: SuitePod): Promise<SuiteLog | undefined> {
	try {
		return await cluster.readLog(namespace, pod.name);
	} catch (error) {
		if (isUnreachable(error)) return undefined;
		throw error;
	}
}

/** As far as that can be done: the Job's own deadline ends it otherwise. */
async function takeAway(cluster: SuiteCluster, { namespace, name }: SuiteJob): Promise<void> {
	try {
		const found = await cluster.readJob(namespace, name);
		if (found) await cluster.deleteJob(namespace, name, found.uid);
	} catch {
		return;
	}
}

function isUnreachable(error: unknown): error is RunbookError {
	return error instanceof RunbookError && error.code === 'VALIDATION.CLUSTER_UNREACHABLE';
}
