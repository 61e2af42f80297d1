import type {
	ICredentialsDecrypted,
	ICredentialTestFunctions,
	INodeCredentialTestResult,
	INodeType,
	INodeTypeDescription,
	IWebhookFunctions,
	IWebhookResponseData,
} from 'n8n-workflow';
import { assertSecret } from '../../lib/release/verifyDelivery';
import { text } from '../shared/credentials';
import { receiveDelivery } from './receiveDelivery';

export class ReleaseWebhook implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Release Webhook',
		name: 'releaseWebhook',
		icon: { light: 'file:releaseWebhook.svg', dark: 'file:releaseWebhook.dark.svg' },
		group: ['trigger'],
		version: [1],
		subtitle: '={{ $parameter.path }}',
		description:
			'Starts the workflow when the CI sends a signed release request; unsigned, old and repeated ones are refused',
		eventTriggerDescription: 'Waiting for a signed release request',
		activationMessage: 'The CI can now start releases with a signed request',
		defaults: { name: 'Release Webhook' },
		inputs: [],
		outputs: ['main'],
		credentials: [
			{ name: 'deploymentWebhook', required: true, testedBy: 'deploymentWebhookSecret' },
			{ name: 'releaseLedger', required: true },
		],
		webhooks: [
			{
				name: 'default',
				httpMethod: 'POST',
				responseMode: 'onReceived',
				path: '={{ $parameter.path }}',
				isFullPath: true,
			},
		],
		properties: [
			{
				displayName: 'Path',
				name: 'path',
				type: 'string',
				default: 'deploy/production',
				required: true,
				placeholder: 'e.g. deploy/production',
				description:
					'Where the CI sends its POST, after /webhook/. It is signed as Standard Webhooks describes, in the three headers that start with webhook-.',
			},
		],
	};

	methods = {
		credentialTest: {
			async deploymentWebhookSecret(
				this: ICredentialTestFunctions,
				credential: ICredentialsDecrypted,
			): Promise<INodeCredentialTestResult> {
				try {
					assertSecret(text(credential.data ?? {}, 'secret'));
					return await Promise.resolve({ status: 'OK', message: 'The secret is long enough' });
				} catch (error) {
					return { status: 'Error', message: error instanceof Error ? error.message : String(error) };
				}
			},
		},
	};

	webhookMethods = {
		default: {
			// The path is the node's own: n8n registers and removes it, nothing outside n8n has to know.
			checkExists: async (): Promise<boolean> => await Promise.resolve(true),
			create: async (): Promise<boolean> => await Promise.resolve(true),
			delete: async (): Promise<boolean> => await Promise.resolve(true),
		},
	};

	async webhook(this: IWebhookFunctions): Promise<IWebhookResponseData> {
		return await receiveDelivery(this);
	}
}
