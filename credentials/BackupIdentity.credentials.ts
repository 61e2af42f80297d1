import type { Icon, ICredentialType, INodeProperties } from 'n8n-workflow';

/** What opens encrypted backups. Tested by the Postgres Backup node. */
export class BackupIdentity implements ICredentialType {
	name = 'backupIdentity';
	displayName = 'Backup Identity';
	documentationUrl = 'https://age-encryption.org/v1';
	icon: Icon = { light: 'file:backupIdentity.svg', dark: 'file:backupIdentity.dark.svg' };
	properties: INodeProperties[] = [
		{
			displayName:
				'Keep a copy of the identity where neither this server nor the bucket can be lost with it: without it nobody restores the backups that are encrypted for it.',
			name: 'notice',
			type: 'notice',
			default: '',
		},
		{
			displayName: 'Secret Key',
			name: 'secretKey',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			placeholder: 'e.g. AGE-SECRET-KEY-1…',
			description:
				'The identity as age-keygen prints it. Its public key (age1…) belongs into "Recipients" where backups are created.',
		},
	];
}
