import type { JobSecrets, SuiteCluster } from '../../lib/validation/suite/model';
import { createSuiteCluster } from '../../lib/validation/suite/suiteCluster.client';
import type { CredentialOpener } from '../shared/credentialOpener';
import { clusterConnection, clusterSecrets } from '../shared/kubernetesCredential';

/** A cluster in which suites run, and the namespace of the credential. */
export interface SuitePlace {
	readonly cluster: SuiteCluster & JobSecrets;
	readonly namespace: string;
}

/** The Kubernetes Cluster credential, as what runs suites. @throws RunbookError ROLLOUT.CREDENTIAL_INVALID */
export const suiteCluster: CredentialOpener<SuitePlace> = {
	credential: 'kubernetesCluster',
	secrets: clusterSecrets,
	open: async (data) => {
		const connection = await clusterConnection(data);
		const cluster = await createSuiteCluster(connection);
		return { client: { cluster, namespace: connection.namespace }, close: async () => await cluster.close() };
	},
};
