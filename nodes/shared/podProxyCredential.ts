import type { ClusterAccess } from '../../lib/support/clusterAccess';
import type { CredentialOpener } from './credentialOpener';
import { clusterConnection, clusterSecrets } from './kubernetesCredential';

/** The Kubernetes Cluster credential, as what the pod proxy needs. @throws RunbookError ROLLOUT.CREDENTIAL_INVALID */
export const podProxyCredential: CredentialOpener<ClusterAccess> = {
	credential: 'kubernetesCluster',
	secrets: clusterSecrets,
	open: async (data) => ({ client: await clusterConnection(data) }),
};
