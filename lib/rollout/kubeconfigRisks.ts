import { rolloutErrors } from './errors';
import type { KubeconfigContext } from './kubeconfig';

/** What a kubeconfig may ask for and a person has to allow by name. */
export const KUBECONFIG_RISKS = ['exec', 'files', 'skipTlsVerify'] as const;
export type KubeconfigRisk = (typeof KUBECONFIG_RISKS)[number];

/**
 * Refuses what would run a program, read a file of this machine or trust any server, unless it is allowed; and what the package
 * does not do at all.
 * @throws RunbookError ROLLOUT.CREDENTIAL_INVALID naming the key
 */
export function refuseRisks({ cluster, user }: KubeconfigContext, allowed: readonly KubeconfigRisk[]): void {
	const refuse = (key: string, remedy: string): never => {
		throw rolloutErrors.CREDENTIAL_INVALID({ problem: `its kubeconfig has "${key}"`, remedy });
	};
	const files = [
		['certificate-authority', cluster['certificate-authority']],
		['client-certificate', user['client-certificate']],
		['client-key', user['client-key']],
		['tokenFile', user.tokenFile],
	] as const;
	const file = files.find(([, path]) => path !== undefined)?.[0];
	if (file !== undefined && !allowed.includes('files'))
		refuse(file, 'Paste the content (kubectl config view --flatten does), or allow "Read Files" in the credential');
	if (user.exec !== undefined && !allowed.includes('exec'))
		refuse(
			'exec',
			'Use the token of a service account; or allow "Run the Exec Plugin" in the credential: it runs that program as the user of n8n',
		);
	if (cluster['insecure-skip-tls-verify'] === true && !allowed.includes('skipTlsVerify'))
		refuse(
			'insecure-skip-tls-verify',
			'Paste the certificate authority of the cluster; or allow "Skip TLS Verification" in the credential: then anybody on the network can take the token',
		);
	if (user['auth-provider'] !== undefined)
		refuse('auth-provider', 'Use the token of a service account; kubectl has dropped auth providers too');
	if (user.username !== undefined || user.password !== undefined)
		refuse('username', 'Use the token of a service account; no Kubernetes API takes passwords any more');
	if (user.as !== undefined) refuse('as', 'Give a user that is itself allowed what the rollout needs');
	if (cluster['proxy-url'] !== undefined) refuse('proxy-url', 'Give an address of the API that n8n reaches itself');
}
