import type { Icon, ICredentialType, INodeProperties } from 'n8n-workflow';

/** The accounts that journeys log in with. Tested by the Journey node. */
export class SyntheticAccounts implements ICredentialType {
	name = 'syntheticAccounts';
	displayName = 'Synthetic Accounts';
	documentationUrl = 'https://cheatsheetseries.owasp.org/cheatsheets/Authentication_Cheat_Sheet.html';
	icon: Icon = { light: 'file:syntheticAccounts.svg', dark: 'file:syntheticAccounts.dark.svg' };
	properties: INodeProperties[] = [
		{
			displayName:
				'Accounts of nobody: made for checks, with no more rights than the journey needs, and left out of business figures.',
			name: 'notice',
			type: 'notice',
			default: '',
		},
		{
			displayName: 'User',
			name: 'user',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. journey@example.com',
			description: 'Stands for ${user} in the steps',
		},
		{
			displayName: 'Password',
			name: 'password',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			description: 'Stands for ${password} in the steps',
		},
		{
			displayName: 'Other User',
			name: 'otherUser',
			type: 'string',
			default: '',
			placeholder: 'e.g. journey-reader@example.com',
			description:
				'Stands for ${otherUser}: one who may less, for steps that prove that permissions are enforced. Leave empty when no step needs it.',
		},
		{
			displayName: 'Password of the Other User',
			name: 'otherPassword',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			description: 'Stands for ${otherPassword} in the steps',
		},
	];
}
