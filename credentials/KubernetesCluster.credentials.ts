import type { Icon, ICredentialType, INodeProperties } from 'n8n-workflow';

/** How the Kubernetes Rollout node reaches a cluster. It is tested by that node, as a private certificate authority needs its client. */
export class KubernetesCluster implements ICredentialType {
	name = 'kubernetesCluster';

	displayName = 'Kubernetes Cluster';

	documentationUrl = 'https://kubernetes.io/docs/reference/access-authn-authz/authentication/';

	icon: Icon = { light: 'file:kubernetesCluster.svg', dark: 'file:kubernetesCluster.dark.svg' };

	properties: INodeProperties[] = [
		{
			displayName: 'Server URL',
			name: 'serverUrl',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. https://kubernetes.example.com:6443',
			description: 'Address of the Kubernetes API. Plain http is accepted for this machine alone.',
		},
		{
			displayName: 'Certificate Authority',
			name: 'certificateAuthority',
			type: 'string',
			typeOptions: { rows: 4 },
			default: '',
			placeholder: 'e.g. -----BEGIN CERTIFICATE-----…',
			description:
				"PEM of the authority that signed the server's certificate, or its base64 from a kubeconfig. Leave empty when the authority is a public one.",
		},
		{
			displayName: 'Bearer Token',
			name: 'bearerToken',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			description: 'Token of a service account that holds only the role the Kubernetes Rollout node needs',
		},
		{
			displayName: 'Namespace',
			name: 'namespace',
			type: 'string',
			default: 'default',
			placeholder: 'e.g. production',
			description: 'Namespace for nodes that name none',
		},
	];
}
