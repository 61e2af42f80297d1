import type { ClusterAccess } from '../../lib/metrics/podProxy.client';
import type { CredentialOpener } from './credentialOpener';
import { text } from './credentials';
import { clusterConnection } from './kubernetesCredential';

/** The Kubernetes Cluster credential, as what the pod proxy needs. @throws RunbookError ROLLOUT.CREDENTIAL_INVALID */
export const podProxyCredential: CredentialOpener<ClusterAccess> = {
	credential: 'kubernetesCluster',
	secrets: (data) => [text(data, 'bearerToken').trim()],
	open: async (data) => {
		const { serverUrl, certificateAuthority, bearerToken } = clusterConnection(data);
		return await Promise.resolve({ client: { serverUrl, certificateAuthority, bearerToken } });
	},
};
