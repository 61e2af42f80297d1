import type { Icon, ICredentialType, INodeProperties } from 'n8n-workflow';

/** The operations database that remembers releases. Never production's: it must answer when production does not. Tested by the Release node. */
export class ReleaseLedger implements ICredentialType {
	name = 'releaseLedger';
	displayName = 'Release Ledger';
	documentationUrl = 'https://www.postgresql.org/docs/current/libpq-connect.html';
	icon: Icon = { light: 'file:releaseLedger.svg', dark: 'file:releaseLedger.dark.svg' };
	properties: INodeProperties[] = [
		{
			displayName:
				'Use a Postgres database of its own, not the one that is deployed to. The role needs CREATE on that database once; it makes the schema deployment_runbook.',
			name: 'notice',
			type: 'notice',
			default: '',
		},
		{ displayName: 'Host', name: 'host', type: 'string', default: 'localhost', required: true },
		{ displayName: 'Port', name: 'port', type: 'number', default: 5432 },
		{ displayName: 'Database', name: 'database', type: 'string', default: 'operations', required: true },
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
