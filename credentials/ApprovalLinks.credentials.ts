import type { Icon, ICredentialType, INodeProperties } from 'n8n-workflow';

/** The secret under which approval links are signed. Tested by the Approval Gate node. */
export class ApprovalLinks implements ICredentialType {
	name = 'approvalLinks';
	displayName = 'Approval Links';
	documentationUrl = 'https://www.rfc-editor.org/rfc/rfc7519';
	icon: Icon = { light: 'file:approvalLinks.svg', dark: 'file:approvalLinks.dark.svg' };
	properties: INodeProperties[] = [
		{
			displayName: 'Secret',
			name: 'secret',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			placeholder: 'e.g. the output of openssl rand -base64 48',
			description:
				'At least 32 random characters. Approval links are signed with it; changing it ends every link that is under way.',
		},
	];
}
