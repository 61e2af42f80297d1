import type { Icon, ICredentialType, INodeProperties } from 'n8n-workflow';

/** An integration of the kind "Events API v2". Tested by the Pager node, which posts an event that is refused: nobody is paged. */
export class PagerDutyEvents implements ICredentialType {
	name = 'pagerDutyEvents';
	displayName = 'PagerDuty Events';
	documentationUrl = 'https://developer.pagerduty.com/docs/events-api-v2-overview';
	icon: Icon = { light: 'file:pagerDutyEvents.svg', dark: 'file:pagerDutyEvents.dark.svg' };
	properties: INodeProperties[] = [
		{
			displayName: 'Routing Key',
			name: 'routingKey',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			description:
				'Integration key of an "Events API v2" integration of the service whose people are paged. Whoever has it can page them.',
		},
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			default: 'https://events.pagerduty.com',
			required: true,
			description: 'Where the Events API is. Accounts in the EU region use https://events.eu.pagerduty.com.',
		},
	];
}
