import type { FailingPod } from './assessDeployment';
import type { Cluster } from './cluster';

const MAX_LINE = 500;

/**
 * The last line that a failing container wrote: of the run before its last restart, else of the current one. Empty when neither
 * can be read; a missing log must not hide why the pod failed.
 */
export async function readLastLogLine(cluster: Cluster, namespace: string, pod: FailingPod): Promise<string> {
	for (const previous of [true, false]) {
		const request = { pod: pod.name, container: pod.container, previous, tailLines: 20, limitBytes: 16_384 };
		const log = await cluster.podLogs(namespace, request).catch(() => '');
		const line = log.trimEnd().split('\n').at(-1)?.trim() ?? '';
		if (line !== '') return line.slice(0, MAX_LINE);
	}
	return '';
}
