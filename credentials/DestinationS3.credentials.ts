import type { Icon, ICredentialType, INodeProperties } from 'n8n-workflow';

/** The storage that copies of files go to, when it is another server than the files'. Tested by the Object Storage Sync node. */
export class DestinationS3 implements ICredentialType {
	name = 'destinationS3';
	displayName = 'Destination S3';
	documentationUrl = 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-keys.html';
	icon: Icon = { light: 'file:destinationS3.svg', dark: 'file:destinationS3.dark.svg' };
	properties: INodeProperties[] = [
		{
			displayName: 'S3 Endpoint',
			name: 'endpoint',
			type: 'string',
			default: '',
			placeholder: 'e.g. https://s3.eu-central-1.amazonaws.com',
			description: 'Address of the storage with its scheme; empty for AWS itself',
		},
		{ displayName: 'Region', name: 'region', type: 'string', default: 'us-east-1', required: true },
		{
			displayName: 'Access Key ID',
			name: 'accessKeyId',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
		},
		{
			displayName: 'Secret Access Key',
			name: 'secretAccessKey',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
		},
		{
			displayName: 'Force Path Style',
			name: 'forcePathStyle',
			type: 'boolean',
			default: false,
			description: 'Whether to ask for https://host/bucket/key; most storage other than AWS wants it',
		},
		{
			displayName: 'Ignore SSL Issues (Insecure)',
			name: 'ignoreSSLIssues',
			type: 'boolean',
			default: false,
			description: 'Whether to connect although the server certificate cannot be verified',
		},
	];
}
