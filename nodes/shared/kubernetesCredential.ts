import type { ICredentialDataDecryptedObject } from 'n8n-workflow';
import { createCluster } from '../../lib/rollout/cluster.client';
import type { Cluster, ClusterConnection } from '../../lib/rollout/cluster';
import { parseConnection } from '../../lib/rollout/parseConnection';
import type { CredentialOpener } from './credentialOpener';
import { text } from './credentials';

/** The cluster that applications run in. */
export const kubernetesCluster: CredentialOpener<Cluster> = {
	credential: 'kubernetesCluster',
	secrets: (data) => [text(data, 'bearerToken').trim()],
	open: async (data) => {
		const client = await createCluster(clusterConnection(data));
		return { client, close: async () => await client.close() };
	},
};

/** The credential's fields as a connection. @throws RunbookError ROLLOUT.CREDENTIAL_INVALID */
export function clusterConnection(data: ICredentialDataDecryptedObject): ClusterConnection {
	return parseConnection({
		serverUrl: text(data, 'serverUrl'),
		certificateAuthority: text(data, 'certificateAuthority'),
		bearerToken: text(data, 'bearerToken'),
		namespace: text(data, 'namespace'),
	});
}
