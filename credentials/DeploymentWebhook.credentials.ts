import type { Icon, ICredentialType, INodeProperties } from 'n8n-workflow';

/** The secret that the CI and the Release Webhook share. Tested by the Release Webhook node. */
export class DeploymentWebhook implements ICredentialType {
	name = 'deploymentWebhook';
	displayName = 'Deployment Webhook';
	documentationUrl = 'https://www.standardwebhooks.com';
	icon: Icon = { light: 'file:deploymentWebhook.svg', dark: 'file:deploymentWebhook.dark.svg' };
	properties: INodeProperties[] = [
		{
			displayName: 'Signing Secret',
			name: 'secret',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			placeholder: 'e.g. whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
			description:
				'Base64 of at least 24 random bytes, with or without the prefix whsec_ (openssl rand -base64 32). Without it every request is refused.',
		},
	];
}
