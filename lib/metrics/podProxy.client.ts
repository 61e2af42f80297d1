import { z } from 'zod';
import type { ClusterAccess } from '../support/clusterAccess';
import { createClusterTransport } from '../support/clusterTransport.client';
import { parameterErrors } from '../support/errors';
import { readText } from '../support/readText';
import { metricsErrors } from './errors';
import type { ScrapeTarget } from './model';
import { ACCEPT_TEXT_FORMAT, MAXIMUM_PAGE_BYTES, type PodScraper } from './podScraper';

/** Which pods, and where their metrics are. */
export interface PodSelection {
	readonly namespace: string;
	/** Label selector, e.g. `app=case-management-backend,color=green`. */
	readonly podSelector: string;
	/** Container port: a number, or a name that the pod's spec declares; empty: the first declared port. */
	readonly port: string;
	/** e.g. `/metrics` */
	readonly path: string;
}

const podList = z.object({
	items: z.array(
		z.object({
			metadata: z.object({ name: z.string(), uid: z.string(), deletionTimestamp: z.string().optional() }),
			spec: z.object({
				containers: z.array(
					z.object({
						ports: z.array(z.object({ name: z.string().optional(), containerPort: z.number() })).optional(),
					}),
				),
			}),
			status: z.object({ phase: z.string().optional() }).optional(),
		}),
	),
});
type Pod = z.infer<typeof podList>['items'][number];

/** undici's own default: every call has a signal besides. */
const CONNECT_TIMEOUT_MS = 10_000;
const MAXIMUM_LIST_BYTES = 32 * 1024 * 1024;

/** Scrapes pods through the API server's pod proxy: needs `list pods` and `get pods/proxy`, and no network path to the pods. */
export async function createPodProxyScraper(access: ClusterAccess, selection: PodSelection): Promise<PodScraper> {
	const { request } = await import('undici');
	const transport = await createClusterTransport(access, { connectTimeoutMs: CONNECT_TIMEOUT_MS });
	const pods = `${access.serverUrl.replace(/\/+$/, '')}/api/v1/namespaces/${encodeURIComponent(selection.namespace)}/pods`;
	const get = async (
		url: string,
		{ accept, signal }: { accept: string; signal: AbortSignal },
	): ReturnType<typeof request> => {
		const authorization = await transport.authorization();
		const headers = { accept, ...(authorization === undefined ? {} : { authorization }) };
		const response = await request(url, { dispatcher: transport.agent, signal, headers });
		if (response.statusCode === 401) transport.refused();
		return response;
	};

	return {
		description: `pods ${selection.podSelector} in ${selection.namespace}`,
		listTargets: async (signal) => {
			const response = await get(`${pods}?labelSelector=${encodeURIComponent(selection.podSelector)}`, {
				accept: 'application/json',
				signal,
			});
			const body = await readText(response.body, MAXIMUM_LIST_BYTES);
			return toTargets(response.statusCode, body, selection);
		},
		readPage: async (target, signal) => {
			const port = target.port === undefined ? '' : `:${target.port}`;
			const url = `${pods}/${encodeURIComponent(target.name)}${port}/proxy/${selection.path.replace(/^\/+/, '')}`;
			const response = await get(url, { accept: ACCEPT_TEXT_FORMAT, signal });
			const contentType =
				String(response.headers['content-type'] ?? '')
					.split(';', 1)[0]
					?.trim()
					.toLowerCase() ?? '';
			const body = await readText(response.body, MAXIMUM_PAGE_BYTES);
			const denied = response.statusCode === 401 || response.statusCode === 403;
			return {
				status: response.statusCode,
				contentType,
				body,
				refusedByCluster: denied && isClusterStatus(body),
			};
		},
		close: async () => await transport.destroy(),
	};
}

function toTargets(status: number, body: string | undefined, { namespace, port }: PodSelection): ScrapeTarget[] {
	const action = 'list the pods';
	if (status >= 500 || status === 429) throw metricsErrors.CLUSTER_UNAVAILABLE({ status });
	if (status === 400)
		throw metricsErrors.CLUSTER_ANSWER({ action, problem: 'HTTP 400, the label selector may be malformed' });
	if (status !== 200) throw metricsErrors.CLUSTER_REFUSED({ action, status, verb: 'list pods', namespace });
	const parsed = podList.safeParse(parseJson(body));
	if (!parsed.success) throw metricsErrors.CLUSTER_ANSWER({ action, problem: 'it is not a list of pods' });
	return parsed.data.items.filter(isRunning).map((pod) => toTarget(pod, port));
}

/** A pod that is not started yet has no metrics; one that is ending no longer speaks for the release. */
function isRunning({ metadata, status }: Pod): boolean {
	return status?.phase === 'Running' && metadata.deletionTimestamp === undefined;
}

function toTarget({ metadata: { name, uid }, spec }: Pod, wanted: string): ScrapeTarget {
	if (wanted === '') return { id: uid, name };
	if (/^\d+$/.test(wanted)) return { id: uid, name, port: Number(wanted) };
	// The pod proxy knows no port names: it would take them for those of /etc/services.
	const declared = spec.containers.flatMap(({ ports }) => ports ?? []).find((port) => port.name === wanted);
	if (declared === undefined) {
		const problem = `pod ${name} declares no port named "${wanted}"`;
		throw parameterErrors.INVALID({
			field: 'port',
			problem,
			remedy: 'Give the number of the container port, or leave it empty for the first one',
		});
	}
	return { id: uid, name, port: declared.containerPort };
}

function isClusterStatus(body: string | undefined): boolean {
	const value = parseJson(body);
	return value !== null && typeof value === 'object' && (value as { kind?: unknown }).kind === 'Status';
}

function parseJson(body: string | undefined): unknown {
	try {
		return JSON.parse(body ?? '') as unknown;
	} catch {
		return undefined;
	}
}
