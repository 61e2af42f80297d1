import { request as httpsRequest } from 'node:https';
import { ApiError } from './apiError.ts';
import { sendJson } from './exchange.ts';
import { kubeletOf } from './kubeletOf.ts';
import { listObjects } from './listObjects.ts';
import { pods } from './resources.ts';
import type { Exchange } from './exchange.ts';
import type { Pod } from './model.ts';

/** The kubelet's summary, as far as it is passed on. */
interface Summary {
	readonly pods: ReadonlyArray<{
		readonly podRef: { readonly name: string; readonly namespace: string };
		readonly containers: ReadonlyArray<{
			readonly name: string;
			readonly cpu: { readonly time: string; readonly usageNanoCores: number };
			readonly memory: { readonly workingSetBytes: number };
		}>;
	}>;
}

const metricsPath = /^\/apis\/metrics\.k8s\.io\/v1beta1\/namespaces\/(?<namespace>[^/]+)\/pods\/?$/;
const kubeletTimeoutMs = 5_000;

/** The namespace whose PodMetrics a path asks for; undefined for any other path. */
export function podMetricsNamespace(pathname: string): string | undefined {
	return metricsPath.exec(pathname)?.groups?.['namespace'];
}

/**
 * Answers a list of PodMetrics as metrics-server does: what the kubelets of the pods' nodes measure now. A pod that is not measured is left out. Throws
 * ApiError 400 (selector), 405, 500 (kubelet unreachable).
 */
export async function servePodMetrics(exchange: Exchange, namespace: string): Promise<void> {
	const { store, request, response, url } = exchange;
	if (request.method !== 'GET') throw new ApiError(405, 'MethodNotAllowed', 'only list is supported', {});
	const labelSelector = url.searchParams.get('labelSelector') ?? undefined;
	const { items } = listObjects(store, { resource: pods, namespace, labelSelector });
	const bound = items as Pod[];
	const names = new Set(bound.flatMap(({ spec }) => spec.nodeName ?? []));
	const addresses = [...names].map((name) => kubeletOf(exchange, name));
	const summaries = await Promise.all(addresses.map(readSummary));
	const measured = summaries
		.flatMap((summary) => summary.pods)
		.filter(({ podRef }) => podRef.namespace === namespace);
	const found = bound.flatMap((pod) => {
		const summary = measured.find(({ podRef }) => podRef.name === pod.metadata.name);
		return summary && summary.containers.length > 0 ? [toPodMetrics(pod, summary)] : [];
	});
	sendJson(response, 200, {
		kind: 'PodMetricsList',
		apiVersion: 'metrics.k8s.io/v1beta1',
		metadata: {},
		items: found,
	});
}

function toPodMetrics({ metadata }: Pod, { containers }: Summary['pods'][number]): object {
	const { name, namespace, labels = {}, creationTimestamp } = metadata;
	return {
		metadata: { name, namespace, labels, creationTimestamp },
		timestamp: containers[0]?.cpu.time,
		window: '15s',
		containers: containers.map(({ name: container, cpu, memory }) => ({
			name: container,
			usage: { cpu: `${cpu.usageNanoCores}n`, memory: `${Math.round(memory.workingSetBytes / 1024)}Ki` },
		})),
	};
}

/** Its certificate is self-signed and not verified, as where the log is read. */
async function readSummary({ host, port }: { host: string; port: number }): Promise<Summary> {
	return await new Promise((resolve, reject) => {
		const upstream = httpsRequest(
			{ host, port, path: '/stats/summary', rejectUnauthorized: false, agent: false },
			(answer) => {
				let text = '';
				answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
				answer.on('error', (error) => reject(unreachable(error)));
				answer.on('end', () => {
					if (answer.statusCode === 200) resolve(JSON.parse(text) as Summary);
					else reject(unreachable(new Error(`status ${String(answer.statusCode)}`)));
				});
			},
		);
		upstream.setTimeout(kubeletTimeoutMs, () => upstream.destroy(new Error('i/o timeout')));
		upstream.on('error', (error) => reject(unreachable(error)));
		upstream.end();
	});
}

function unreachable({ message }: Error): ApiError {
	return new ApiError(500, 'InternalError', `the kubelet could not be asked: ${message}`);
}
