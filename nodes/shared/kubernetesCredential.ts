import type { ICredentialDataDecryptedObject } from 'n8n-workflow';
import { createCluster } from '../../lib/rollout/cluster.client';
import type { Cluster, ClusterConnection } from '../../lib/rollout/cluster';
import { readKubeconfig } from '../../lib/rollout/kubeconfig.client';
import { KUBECONFIG_RISKS } from '../../lib/rollout/kubeconfigRisks';
import { parseConnection } from '../../lib/rollout/parseConnection';
import { readPodAccount } from '../../lib/rollout/readPodAccount';
import type { CredentialOpener } from './credentialOpener';
import { text } from './credentials';

/** Values of a kubeconfig, in YAML or JSON, that nobody may see. */
const KUBECONFIG_SECRETS = /\b(?:token|password|client-key-data)["']?\s*:\s*["']?([^\s"',}]+)/g;

/** The cluster that applications run in. */
export const kubernetesCluster: CredentialOpener<Cluster> = {
	credential: 'kubernetesCluster',
	secrets: clusterSecrets,
	open: async (data) => {
		const client = await createCluster(await clusterConnection(data));
		return { client, close: async () => await client.close() };
	},
};

/** The values of the credential that must never be shown. What is read elsewhere (a pod's token, a plugin's), the client masks itself. */
export function clusterSecrets(data: ICredentialDataDecryptedObject): readonly string[] {
	const pasted = [...text(data, 'kubeconfig').matchAll(KUBECONFIG_SECRETS)].map(([, value = '']) => value);
	return [text(data, 'bearerToken').trim(), ...pasted];
}

/** The credential's fields as a connection. @throws RunbookError ROLLOUT.CREDENTIAL_INVALID */
export async function clusterConnection(data: ICredentialDataDecryptedObject): Promise<ClusterConnection> {
	const namespace = text(data, 'namespace');
	switch (text(data, 'authentication')) {
		case 'inCluster':
			return await readPodAccount({ namespace });
		case 'kubeconfig': {
			const given: unknown = data.allowed;
			const allowed = KUBECONFIG_RISKS.filter((risk) => Array.isArray(given) && given.includes(risk));
			const context = text(data, 'context');
			return await readKubeconfig(text(data, 'kubeconfig'), { context, namespace, allowed });
		}
		default:
			return parseConnection({
				serverUrl: text(data, 'serverUrl'),
				certificateAuthority: text(data, 'certificateAuthority'),
				bearerToken: text(data, 'bearerToken'),
				namespace,
			});
	}
}
