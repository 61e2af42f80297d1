import { clusterConfiguration } from '../support/clusterConfiguration.client';
import { createClusterTransport } from '../support/clusterTransport.client';
import { callThrough } from './clusterCall.client';
import type { Cluster, ClusterConnection } from './cluster';
import { podCalls } from './podCalls.client';
import { preflightCalls } from './preflightCalls.client';
import { trafficCalls } from './trafficCalls.client';
import { workloadCalls } from './workloadCalls.client';

/** A call that takes longer is as good as lost; the API's own timeout for ordinary calls is 60 s, too long for a rollback. */
const CALL_TIMEOUT_MS = 10_000;

/** A client with connections of its own. Opens nothing before the first call. */
export async function createCluster(connection: ClusterConnection): Promise<Cluster> {
	const kubernetes = await import('@kubernetes/client-node');
	const transport = await createClusterTransport(connection, { connectTimeoutMs: CALL_TIMEOUT_MS });
	const configuration = clusterConfiguration(kubernetes, connection, { transport, timeoutMs: CALL_TIMEOUT_MS });
	const call = callThrough(transport);
	const apps = new kubernetes.AppsV1Api(configuration);
	const core = new kubernetes.CoreV1Api(configuration);
	return {
		namespace: connection.namespace,
		...workloadCalls(call, { apps, autoscaling: new kubernetes.AutoscalingV2Api(configuration) }),
		...podCalls(call, { core }),
		...trafficCalls(call, { core, discovery: new kubernetes.DiscoveryV1Api(configuration) }),
		...preflightCalls(call, {
			apis: new kubernetes.ApisApi(configuration),
			apps,
			authorization: new kubernetes.AuthorizationV1Api(configuration),
			core,
			custom: new kubernetes.CustomObjectsApi(configuration),
			version: new kubernetes.VersionApi(configuration),
		}),
		close: async () => {
			await transport.close();
		},
	};
}
