import type { RequestContext } from '@kubernetes/client-node' with { 'resolution-mode': 'import' };
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
	// client-node makes an agent a call; one agent for all calls keeps connections and can be closed.
	const transport = await createClusterTransport(connection, { connectTimeoutMs: CALL_TIMEOUT_MS });
	const configuration = kubernetes.createConfiguration({
		baseServer: new kubernetes.ServerConfiguration(connection.serverUrl, {}),
		authMethods: {
			default: {
				getName: () => 'the credential',
				applySecurityAuthentication: async (request: RequestContext) => {
					const authorization = await transport.authorization();
					if (authorization !== undefined) request.setHeaderParam('Authorization', authorization);
					request.setDispatcher(transport.agent);
					request.setSignal(AbortSignal.timeout(CALL_TIMEOUT_MS));
				},
			},
		},
	});
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
