import type { Icon, ICredentialType, INodeProperties } from 'n8n-workflow';

/** The server on which backups are restored to be verified. Tested by the Postgres Backup node. */
export class ScratchPostgres implements ICredentialType {
	name = 'scratchPostgres';
	displayName = 'Scratch Postgres';
	documentationUrl = 'https://www.postgresql.org/docs/current/libpq-connect.html';
	icon: Icon = { light: 'file:scratchPostgres.svg', dark: 'file:scratchPostgres.dark.svg' };
	properties: INodeProperties[] = [
		{
			displayName:
				'A server of its own, not the one that is backed up. Each verification creates a database there and drops it afterwards, so the role needs CREATEDB; the database below is only connected to.',
			name: 'notice',
			type: 'notice',
			default: '',
		},
		{ displayName: 'Host', name: 'host', type: 'string', default: 'localhost', required: true },
		{ displayName: 'Port', name: 'port', type: 'number', default: 5432 },
		{ displayName: 'Database', name: 'database', type: 'string', default: 'postgres', required: true },
		{ displayName: 'User', name: 'user', type: 'string', default: '', required: true },
		{ displayName: 'Password', name: 'password', type: 'string', typeOptions: { password: true }, default: '' },
		{
			displayName: 'SSL',
			name: 'ssl',
			type: 'options',
			default: 'disable',
			options: [
				{ name: 'Disable', value: 'disable' },
				{ name: 'Require', value: 'require' },
			],
		},
		{
			displayName: 'Ignore SSL Issues (Insecure)',
			name: 'allowUnauthorizedCerts',
			type: 'boolean',
			default: false,
			displayOptions: { show: { ssl: ['require'] } },
			description: 'Whether to connect although the server certificate cannot be verified',
		},
	];
}
