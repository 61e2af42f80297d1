import { z } from 'zod';
import type { ClusterAccess } from '../../support/clusterAccess';
import { createClusterTransport } from '../../support/clusterTransport.client';
import { classifyNetworkFailure } from '../../support/networkFailure';
import { readText } from '../../support/readText';
import { RunbookError } from '../../support/runbookError';
import { withTimeout } from '../../support/withTimeout';
import { validationErrors } from '../errors';
import type { LimitedPod, MeasuredPod, UsageCluster } from './model';
import { parseQuantity } from './parseQuantity';

/** Which pods. */
export interface PodSelection {
	readonly namespace: string;
	/** Label selector. */
	readonly podSelector: string;
}

const CALL_TIMEOUT_MS = 10_000;
const MAXIMUM_LIST_BYTES = 32 * 1024 * 1024;

const quantity = z.string().transform((text, context) => {
	const value = parseQuantity(text);
	if (value === undefined) context.addIssue({ code: 'custom', message: `"${text}" is no quantity` });
	return value ?? 0;
});
const podList = z.object({
	items: z.array(
		z.object({
			metadata: z.object({ name: z.string(), deletionTimestamp: z.string().optional() }),
			spec: z.object({
				containers: z.array(
					z.object({
						name: z.string(),
						resources: z
							.object({
								limits: z.object({ cpu: quantity.optional(), memory: quantity.optional() }).optional(),
							})
							.optional(),
					}),
				),
			}),
			status: z.object({ phase: z.string().optional() }).optional(),
		}),
	),
});
const podMetricsList = z.object({
	items: z.array(
		z.object({
			metadata: z.object({ name: z.string() }),
			containers: z.array(z.object({ name: z.string(), usage: z.object({ cpu: quantity, memory: quantity }) })),
		}),
	),
});

/** Reads the pods' limits and their PodMetrics (metrics.k8s.io): needs `list pods` and `list pods.metrics.k8s.io`. */
export async function createUsageCluster(access: ClusterAccess, selection: PodSelection): Promise<UsageCluster> {
	const { request } = await import('undici');
	const transport = await createClusterTransport(access, { connectTimeoutMs: CALL_TIMEOUT_MS });
	const base = access.serverUrl.replace(/\/+$/, '');
	const namespace = encodeURIComponent(selection.namespace);
	const query = `labelSelector=${encodeURIComponent(selection.podSelector)}`;

	async function list(path: string, signal: AbortSignal): Promise<{ status: number; json: unknown }> {
		const authorization = await transport.authorization();
		const response = await request(`${base}${path}/namespaces/${namespace}/pods?${query}`, {
			dispatcher: transport.agent,
			signal: withTimeout(signal, CALL_TIMEOUT_MS),
			headers: { accept: 'application/json', ...(authorization === undefined ? {} : { authorization }) },
		});
		if (response.statusCode === 401) transport.refused();
		const text = await readText(response.body, MAXIMUM_LIST_BYTES);
		return { status: response.statusCode, json: parseJson(text) };
	}

	return {
		look: async (signal) => {
			try {
				const [pods, metrics] = await Promise.all([
					list('/api/v1', signal),
					list('/apis/metrics.k8s.io/v1beta1', signal),
				]);
				for (const [answer, kind] of [
					[pods, 'pods'],
					[metrics, 'pods.metrics.k8s.io'],
				] as const) {
					const { status } = answer;
					if (status === 401 || status === 403)
						throw validationErrors.USAGE_REFUSED({ kind, namespace: selection.namespace, status });
				}
				if (metrics.status === 404) return { problem: 'the cluster has no metrics API (metrics.k8s.io)' };
				const bad = [pods, metrics].find(({ status }) => status !== 200);
				if (bad) return { problem: `the Kubernetes API answered HTTP ${bad.status}` };
				return { pods: toLimits(pods.json), measured: toUsage(metrics.json) };
			} catch (error) {
				signal.throwIfAborted();
				if (error instanceof RunbookError) throw error;
				if (error instanceof z.ZodError)
					return {
						problem: `the answer of the Kubernetes API is not understood: ${error.issues[0]?.message ?? ''}`,
					};
				const { code, reason } = classifyNetworkFailure(error);
				if (code === '') throw error;
				return { problem: `the Kubernetes API could not be asked: ${reason}` };
			}
		},
		close: async () => await transport.destroy(),
	};
}

/** A pod that is ending, or has ended, no longer speaks for the release. */
function toLimits(json: unknown): LimitedPod[] {
	return podList
		.parse(json)
		.items.filter(({ metadata, status }) => status?.phase === 'Running' && metadata.deletionTimestamp === undefined)
		.map(({ metadata, spec }) => ({
			name: metadata.name,
			containers: spec.containers.map(({ name, resources }) => ({
				name,
				cpu: resources?.limits?.cpu ?? null,
				memory: resources?.limits?.memory ?? null,
			})),
		}));
}

function toUsage(json: unknown): MeasuredPod[] {
	return podMetricsList.parse(json).items.map(({ metadata, containers }) => ({
		name: metadata.name,
		containers: containers.map(({ name, usage }) => ({ name, ...usage })),
	}));
}

function parseJson(text: string | undefined): unknown {
	try {
		return JSON.parse(text ?? '') as unknown;
	} catch {
		return undefined;
	}
}
