import type { BatchV1Api, CoreV1Api, V1Job, V1Pod } from '@kubernetes/client-node' with {
	'resolution-mode': 'import',
};
import type { ClusterAccess } from '../../support/clusterAccess';
import { clusterConfiguration } from '../../support/clusterConfiguration.client';
import { createClusterTransport } from '../../support/clusterTransport.client';
import { buildJob } from './buildJob';
import { apiCall, statusOf, type JobCall } from './explainJobError';
import { secretCalls } from './jobSecrets.client';
import type { JobFacts, JobSecrets, SuiteCluster, SuitePod } from './model';

const CALL_TIMEOUT_MS = 10_000;
/** More than this is no report that a verdict could be drawn from. */
const LOG_BYTES = 4 * 1024 * 1024;

/** A client with connections of its own. Opens nothing before the first call. */
export async function createSuiteCluster(access: ClusterAccess): Promise<SuiteCluster & JobSecrets> {
	const kubernetes = await import('@kubernetes/client-node');
	const transport = await createClusterTransport(access, { connectTimeoutMs: CALL_TIMEOUT_MS });
	const configuration = clusterConfiguration(kubernetes, access, { transport, timeoutMs: CALL_TIMEOUT_MS });
	const batch = new kubernetes.BatchV1Api(configuration);
	const core = new kubernetes.CoreV1Api(configuration);
	return {
		...jobCalls(batch),
		...podCalls(core),
		...secretCalls(core),
		close: async () => await transport.close(),
	};
}

function jobCalls(batch: BatchV1Api): Pick<SuiteCluster, 'readJob' | 'createJob' | 'deleteJob'> {
	return {
		readJob: async (namespace, name) => {
			const job = await apiCall(
				{ verb: 'get', kind: 'jobs', namespace, absent: [404] },
				async () => await batch.readNamespacedJob({ name, namespace }),
			);
			return job && jobFacts(job);
		},
		createJob: async (job) => {
			const about: JobCall = {
				verb: 'create',
				kind: 'jobs',
				namespace: job.namespace,
				name: job.name,
				absent: [409],
			};
			const created = await apiCall(
				about,
				async () => await batch.createNamespacedJob({ namespace: job.namespace, body: buildJob(job) }),
			);
			return created !== undefined;
		},
		deleteJob: async (namespace, name, uid) => {
			const options: object = { propagationPolicy: 'Background', preconditions: { uid } };
			await apiCall({ verb: 'delete', kind: 'jobs', namespace, absent: [404] }, async () => {
				try {
					await batch.deleteNamespacedJob({ name, namespace, body: options });
				} catch (error) {
					// Another one has its name by now: the one that was meant is gone.
					if (statusOf(error) !== 409) throw error;
				}
			});
		},
	};
}

function podCalls(core: CoreV1Api): Pick<SuiteCluster, 'readPod' | 'readLog'> {
	return {
		readPod: async (namespace, jobUid) => {
			const labelSelector = `batch.kubernetes.io/controller-uid=${jobUid}`;
			const list = await apiCall(
				{ verb: 'list', kind: 'pods', namespace },
				async () => await core.listNamespacedPod({ namespace, labelSelector }),
			);
			const pods = [...(list?.items ?? [])].sort((a, b) => createdAt(a) - createdAt(b));
			const latest = pods.at(-1);
			return latest && podFacts(latest);
		},
		readLog: async (namespace, name) => {
			// A pod that was removed meanwhile, or whose container never started.
			const text = await apiCall(
				{ verb: 'get', kind: 'pods/log', namespace, absent: [404, 400] },
				async () => (await core.readNamespacedPodLog({ name, namespace, limitBytes: LOG_BYTES })) ?? '',
			);
			return text === undefined ? undefined : { text, isCut: Buffer.byteLength(text) >= LOG_BYTES };
		},
	};
}

function jobFacts({ metadata, status }: V1Job): JobFacts {
	const ended = (status?.conditions ?? []).find(
		({ type, status: holds }) => (type === 'Complete' || type === 'Failed') && holds === 'True',
	);
	const state = ended === undefined ? 'running' : ended.type === 'Complete' ? 'complete' : 'failed';
	return { uid: metadata?.uid ?? '', state, reason: ended?.reason ?? '' };
}

function podFacts({ metadata, status }: V1Pod): SuitePod {
	const state = status?.containerStatuses?.[0]?.state;
	return {
		name: metadata?.name ?? '',
		waiting: state?.waiting?.reason ?? '',
		exitCode: state?.terminated?.exitCode ?? null,
	};
}

function createdAt({ metadata }: V1Pod): number {
	return metadata?.creationTimestamp ? new Date(metadata.creationTimestamp).getTime() : 0;
}
