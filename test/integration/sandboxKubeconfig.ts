import { sandboxEndpoints } from '../support/sandboxEndpoints';

/** A kubeconfig for the sandbox's cluster, as the commands without n8n read it. */
export function sandboxKubeconfig(namespace: string): string {
	const { url, ca, token } = sandboxEndpoints().kubernetes;
	return JSON.stringify({
		apiVersion: 'v1',
		kind: 'Config',
		'current-context': 'sandbox',
		clusters: [
			{
				name: 'sandbox',
				cluster: { server: url, 'certificate-authority-data': Buffer.from(ca).toString('base64') },
			},
		],
		users: [{ name: 'operator', user: { token } }],
		contexts: [{ name: 'sandbox', context: { cluster: 'sandbox', user: 'operator', namespace } }],
	});
}
