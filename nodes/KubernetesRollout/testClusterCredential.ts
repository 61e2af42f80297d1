import type { ICredentialsDecrypted, ICredentialTestFunctions, INodeCredentialTestResult } from 'n8n-workflow';
import { redact } from '../../lib/support/redact';
import { kubernetesCluster } from '../shared/kubernetesCredential';

/** Asks the cluster for its version with the credential's own authority and token; a wrong token is refused even there. */
export async function testClusterCredential(
	this: ICredentialTestFunctions,
	credential: ICredentialsDecrypted,
): Promise<INodeCredentialTestResult> {
	const data = credential.data ?? {};
	try {
		const { client, close } = await kubernetesCluster.open(data);
		try {
			return { status: 'OK', message: `Connected to Kubernetes ${await client.readVersion()}` };
		} finally {
			await close?.();
		}
	} catch (error) {
		return {
			status: 'Error',
			message: redact(error instanceof Error ? error.message : String(error), kubernetesCluster.secrets(data)),
		};
	}
}
