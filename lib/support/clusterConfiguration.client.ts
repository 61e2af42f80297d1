import type * as Kubernetes from '@kubernetes/client-node' with { 'resolution-mode': 'import' };
import type { ClusterAccess } from './clusterAccess';
import type { ClusterTransport } from './clusterTransport.client';

/**
 * What the APIs of client-node are made with, so that all calls go over one transport: client-node makes an agent a call, whose connections
 * nobody could keep or close. Each call is given up after `timeoutMs`.
 */
export function clusterConfiguration(
	kubernetes: typeof Kubernetes,
	{ serverUrl }: Pick<ClusterAccess, 'serverUrl'>,
	{ transport, timeoutMs }: { readonly transport: ClusterTransport; readonly timeoutMs: number },
): Kubernetes.Configuration {
	return kubernetes.createConfiguration({
		baseServer: new kubernetes.ServerConfiguration(serverUrl, {}),
		authMethods: {
			default: {
				getName: () => 'the credential',
				applySecurityAuthentication: async (request: Kubernetes.RequestContext) => {
					const authorization = await transport.authorization();
					if (authorization !== undefined) request.setHeaderParam('Authorization', authorization);
					request.setDispatcher(transport.agent);
					request.setSignal(AbortSignal.timeout(timeoutMs));
				},
			},
		},
	});
}
