import { isDeepStrictEqual } from 'node:util';
import { timestamp, timestampMs } from '../clock.ts';
import { findCondition, setCondition } from './conditions.ts';
import { controllerOf, controllerReference } from './ownership.ts';
import { isActive, isReady } from './podState.ts';
import { recordEvent } from './recordEvent.ts';
import { parseQueueKey, queueKey, startWorkQueue } from './workQueue.ts';
import { jobs, pods } from '../resources.ts';
import type { ClusterClient } from '../clusterClient.ts';
import type { Job, JobStatus, Pod } from '../model.ts';
import type { WorkQueue } from './workQueue.ts';

const component = 'job-controller';
/** Before a failed pod is replaced: doubled each time, as by the real controller. */
const firstBackOffMs = 10_000;
const longestBackOffMs = 600_000;

/** How a Job ended. */
interface End {
	readonly type: 'Complete' | 'Failed';
	readonly reason: string;
	readonly message: string;
}

/** Runs every Job's pods to their end: as many as it asks for, again after failures, until its deadline. The returned function stops it. */
export function startJobController(client: ClusterClient): () => void {
	const queue: WorkQueue = startWorkQueue((key) => syncJob(client, key, queue));
	const stops = [
		client.watch(jobs, ({ object }) => queue.enqueue(queueKey(object.metadata))),
		client.watch(pods, ({ object }) => {
			const controller = controllerOf(object.metadata);
			if (controller?.kind === 'Job')
				queue.enqueue(queueKey({ namespace: object.metadata.namespace, name: controller.name }));
		}),
	];
	return () => {
		queue.stop();
		for (const stop of stops) stop();
	};
}

async function syncJob(client: ClusterClient, key: string, queue: WorkQueue): Promise<void> {
	const job = await client.get<Job>(jobs, parseQueueKey(key));
	if (!job || job.metadata.deletionTimestamp || job.spec.suspend) return;
	if (isFinished(job)) {
		await removeWhenOld(client, { job, key, queue });
		return;
	}
	const owned = (await client.list<Pod>(pods, job.metadata.namespace)).filter(
		({ metadata }) => controllerOf(metadata)?.uid === job.metadata.uid,
	);
	const startTime = job.status?.startTime ?? timestamp();
	const end = assessEnd(job, owned, startTime);
	const active = owned.filter(isActive);
	if (end) {
		for (const { metadata } of active) await client.delete(pods, metadata);
		await recordEvent(client, { resource: jobs, object: job }, { ...eventOf(end), component });
		await writeStatus(client, job, { ...countPods(owned), startTime, end });
		return;
	}
	await createMissing(client, { job, owned, active, key, queue });
	const { activeDeadlineSeconds } = job.spec;
	if (activeDeadlineSeconds !== undefined)
		queue.enqueueAfter(
			key,
			Math.max(100, timestampMs(startTime) + activeDeadlineSeconds * 1000 - Date.now() + 100),
		);
	await writeStatus(client, job, { ...countPods(owned), startTime });
}

function isFinished({ status }: Job): boolean {
	return ['Complete', 'Failed'].some((type) => findCondition(status?.conditions, type)?.status === 'True');
}

function assessEnd({ spec }: Job, owned: readonly Pod[], startTime: string): End | undefined {
	const succeeded = owned.filter(({ status }) => status?.phase === 'Succeeded').length;
	if (succeeded >= spec.completions)
		return { type: 'Complete', reason: 'CompletionsReached', message: 'Reached expected number of succeeded pods' };
	const failed = owned.filter(({ status }) => status?.phase === 'Failed').length;
	if (failed > spec.backoffLimit)
		return {
			type: 'Failed',
			reason: 'BackoffLimitExceeded',
			message: 'Job has reached the specified backoff limit',
		};
	const limitMs = (spec.activeDeadlineSeconds ?? Infinity) * 1000;
	if (Date.now() - timestampMs(startTime) < limitMs) return undefined;
	return { type: 'Failed', reason: 'DeadlineExceeded', message: 'Job was active longer than specified deadline' };
}

async function createMissing(
	client: ClusterClient,
	{ job, owned, active, key, queue }: { job: Job; owned: Pod[]; active: Pod[]; key: string; queue: WorkQueue },
): Promise<void> {
	const { spec, metadata } = job;
	const failures = owned.filter(({ status }) => status?.phase === 'Failed');
	const succeeded = owned.filter(({ status }) => status?.phase === 'Succeeded').length;
	const missing = Math.min(spec.parallelism, spec.completions - succeeded) - active.length;
	if (missing <= 0) return;
	const lastEndMs = Math.max(...failures.map(endedAtMs), 0);
	const waitMs = failures.length === 0 ? 0 : Math.min(firstBackOffMs * 2 ** (failures.length - 1), longestBackOffMs);
	const leftMs = lastEndMs + waitMs - Date.now();
	if (leftMs > 0) {
		queue.enqueueAfter(key, leftMs);
		return;
	}
	for (let created = 0; created < missing; created += 1) {
		const pod = await client.create<Pod>(pods, metadata.namespace ?? '', {
			metadata: {
				generateName: `${metadata.name}-`,
				labels: spec.template.metadata?.labels ?? {},
				annotations: spec.template.metadata?.annotations ?? {},
				ownerReferences: [controllerReference(jobs, job)],
			},
			spec: spec.template.spec,
		});
		const message = `Created pod: ${pod.metadata.name}`;
		await recordEvent(
			client,
			{ resource: jobs, object: job },
			{ type: 'Normal', reason: 'SuccessfulCreate', message, component },
		);
	}
}

/** When the pod stopped being ready for good: the last transition that it reports. */
function endedAtMs({ status }: Pod): number {
	const times = (status?.conditions ?? []).map(({ lastTransitionTime }) => timestampMs(lastTransitionTime));
	return Math.max(0, ...times.filter((time) => !Number.isNaN(time)));
}

function countPods(owned: readonly Pod[]): JobStatus {
	const counts = {
		active: owned.filter(isActive).length,
		ready: owned.filter((pod) => isActive(pod) && isReady(pod)).length,
		succeeded: owned.filter(({ status }) => status?.phase === 'Succeeded').length,
		failed: owned.filter(({ status }) => status?.phase === 'Failed').length,
	};
	return Object.fromEntries(Object.entries(counts).filter(([name, count]) => name === 'ready' || count > 0));
}

async function writeStatus(
	client: ClusterClient,
	job: Job,
	{ end, ...counted }: JobStatus & { end?: End },
): Promise<void> {
	const conditions = job.status?.conditions ?? [];
	const criterion = end?.type === 'Complete' ? 'SuccessCriteriaMet' : 'FailureTarget';
	const ended = end && { ...end, status: 'True' as const };
	const status: JobStatus = {
		...counted,
		...(end ? { active: 0, ready: 0 } : {}),
		...(end?.type === 'Complete' ? { completionTime: timestamp() } : {}),
		...(ended ? { conditions: setCondition(setCondition(conditions, { ...ended, type: criterion }), ended) } : {}),
	};
	if (isDeepStrictEqual(status, job.status)) return;
	await client.updateStatus(jobs, { ...job, status });
}

async function removeWhenOld(
	client: ClusterClient,
	{ job, key, queue }: { job: Job; key: string; queue: WorkQueue },
): Promise<void> {
	const { ttlSecondsAfterFinished } = job.spec;
	if (ttlSecondsAfterFinished === undefined) return;
	const ended = ['Complete', 'Failed'].map((type) => findCondition(job.status?.conditions, type)?.lastTransitionTime);
	const leftMs = timestampMs(ended.find((time) => time !== undefined)) + ttlSecondsAfterFinished * 1000 - Date.now();
	if (leftMs > 0) queue.enqueueAfter(key, leftMs + 50);
	else await client.delete(jobs, job.metadata);
}

function eventOf({ type, reason, message }: End): { type: 'Normal' | 'Warning'; reason: string; message: string } {
	return type === 'Complete'
		? { type: 'Normal', reason: 'Completed', message: 'Job completed' }
		: { type: 'Warning', reason, message };
}
