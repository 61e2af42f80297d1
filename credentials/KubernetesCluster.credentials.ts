import type { Icon, ICredentialType, INodeProperties } from 'n8n-workflow';

/** How the Kubernetes Rollout node reaches a cluster. It is tested by that node, as a private certificate authority needs its client. */
export class KubernetesCluster implements ICredentialType {
	name = 'kubernetesCluster';

	displayName = 'Kubernetes Cluster';

	documentationUrl = 'https://kubernetes.io/docs/reference/access-authn-authz/authentication/';

	icon: Icon = { light: 'file:kubernetesCluster.svg', dark: 'file:kubernetesCluster.dark.svg' };

	properties: INodeProperties[] = [
		{
			displayName: 'Authentication',
			name: 'authentication',
			type: 'options',
			default: 'token',
			options: [
				{
					name: 'Token',
					value: 'token',
					description: 'The address of the API and the token of a service account',
				},
				{
					name: 'In-Cluster',
					value: 'inCluster',
					description:
						'The service account of the pod that n8n runs in; its token is read again for every call',
				},
				{
					name: 'Kubeconfig',
					value: 'kubeconfig',
					description: 'A pasted kubeconfig with a token or a client certificate',
				},
			],
		},
		{
			displayName: 'Server URL',
			name: 'serverUrl',
			type: 'string',
			default: '',
			required: true,
			displayOptions: { show: { authentication: ['token'] } },
			placeholder: 'e.g. https://kubernetes.example.com:6443',
			description: 'Address of the Kubernetes API. Plain http is accepted for this machine alone.',
		},
		{
			displayName: 'Certificate Authority',
			name: 'certificateAuthority',
			type: 'string',
			typeOptions: { rows: 4 },
			default: '',
			displayOptions: { show: { authentication: ['token'] } },
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
			displayOptions: { show: { authentication: ['token'] } },
			description: 'Token of a service account that holds only the role the Kubernetes Rollout node needs',
		},
		{
			displayName: 'Kubeconfig',
			name: 'kubeconfig',
			type: 'string',
			typeOptions: { password: true, rows: 6 },
			default: '',
			required: true,
			displayOptions: { show: { authentication: ['kubeconfig'] } },
			placeholder: 'e.g. the output of kubectl config view --minify --flatten --raw',
			description:
				'YAML or JSON. What would run a program, read a file of this machine or trust any server is refused unless allowed below.',
		},
		{
			displayName: 'Context',
			name: 'context',
			type: 'string',
			default: '',
			displayOptions: { show: { authentication: ['kubeconfig'] } },
			placeholder: 'e.g. production',
			description: 'Context of the kubeconfig. Leave empty for its current one.',
		},
		{
			displayName: 'Allow in the Kubeconfig',
			name: 'allowed',
			type: 'multiOptions',
			default: [],
			displayOptions: { show: { authentication: ['kubeconfig'] } },
			options: [
				{
					name: 'Read Files',
					value: 'files',
					description: 'Certificates, keys and tokens that it names by path, as the user of n8n',
				},
				{
					name: 'Run the Exec Plugin',
					value: 'exec',
					description: 'Any program that it names, as the user of n8n',
				},
				{
					name: 'Skip TLS Verification',
					value: 'skipTlsVerify',
					description: 'Then anybody on the network can pose as the cluster and take the token',
				},
			],
			description:
				'What of the dangerous things a kubeconfig can ask for is allowed. Everything else is refused.',
		},
		{
			displayName: 'Namespace',
			name: 'namespace',
			type: 'string',
			default: '',
			placeholder: 'e.g. production',
			description:
				'Namespace for nodes that name none. Leave empty for the pod\'s or the context\'s own, else "default".',
		},
	];
}
