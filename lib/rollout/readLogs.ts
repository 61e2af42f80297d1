import { RunbookError } from '../support/runbookError';
import type { Cluster } from './cluster';
import { coloursOf } from './coloursOf';
import type { PodFacts, ReleaseSet } from './model';
import { deploymentsOf } from './objectsOf';

export interface LogOptions {
	/** Which pods of each workload; of a worker those that there are. */
	readonly colour: 'live' | 'idle' | 'both';
	/** Lines of each container. */
	readonly tailLines: number;
	/** Bytes of all logs together. */
	readonly maxBytes: number;
}

export interface ContainerLog {
	readonly pod: string;
	readonly container: string;
	/** True for the run before the last restart. */
	readonly previous: boolean;
	readonly text: string;
	/** Why the text is not all of it; empty when it is. */
	readonly incomplete: string;
}

interface Source {
	readonly pod: string;
	readonly container: string;
	readonly previous: boolean;
}

/** Requests in flight: each holds a stream through the API server to a node. */
const PARALLEL = 4;

/**
 * The last lines of every container of every pod of the workloads and workers, and of the run before for those that restarted. Bounded in
 * bytes; what is cut off or could not be read says so and does not fail the rest.
 */
export async function readLogs(
	cluster: Cluster,
	set: ReleaseSet,
	options: LogOptions,
): Promise<{ logs: ContainerLog[] }> {
	const pods = await readPods(cluster, set, options.colour);
	const sources = pods.flatMap(sourcesOf);
	// Each container gets its share, so that one loud pod cannot silence the others.
	const limitBytes = Math.max(1, Math.floor(options.maxBytes / Math.max(1, sources.length)));
	const logs: ContainerLog[] = [];
	for (let start = 0; start < sources.length; start += PARALLEL) {
		const batch = sources.slice(start, start + PARALLEL);
		logs.push(
			...(await Promise.all(
				batch.map(
					async (source) =>
						await readOne(cluster, set.namespace, { source, limitBytes, tailLines: options.tailLines }),
				),
			)),
		);
	}
	return { logs };
}

async function readPods(
	cluster: Cluster,
	{ namespace, workloads, workers = [] }: ReleaseSet,
	colour: LogOptions['colour'],
): Promise<PodFacts[]> {
	const names: string[] = [];
	for (const workload of workloads) {
		const colours = coloursOf(workload, await cluster.readService(namespace, workload.service));
		const wanted = colour === 'both' ? [colours.live, colours.idle] : [colours[colour]];
		names.push(...wanted.map((entry) => workload.deployments[entry]));
	}
	names.push(...deploymentsOf({ workloads: [], workers }));
	const pods: PodFacts[] = [];
	for (const name of names) {
		const { selector } = await cluster.readDeployment(namespace, name);
		pods.push(...(await cluster.listPods(namespace, selector)));
	}
	return pods;
}

function sourcesOf(pod: PodFacts): Source[] {
	return pod.containers.flatMap(({ name, restarts }) => {
		const current = { pod: pod.name, container: name, previous: false };
		return restarts > 0 ? [{ ...current, previous: true }, current] : [current];
	});
}

async function readOne(
	cluster: Cluster,
	namespace: string,
	{ source, limitBytes, tailLines }: { source: Source; limitBytes: number; tailLines: number },
): Promise<ContainerLog> {
	try {
		const text = await cluster.podLogs(namespace, { ...source, tailLines, limitBytes });
		const isCut = Buffer.byteLength(text) >= limitBytes;
		return { ...source, text, incomplete: isCut ? `cut at ${limitBytes} bytes` : '' };
	} catch (error) {
		if (!(error instanceof RunbookError) || ['ROLLOUT.FORBIDDEN', 'ROLLOUT.UNAUTHORIZED'].includes(error.code))
			throw error;
		return { ...source, text: '', incomplete: error.message };
	}
}
