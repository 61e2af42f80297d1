import type { INodeProperties } from 'n8n-workflow';

const FOR_TEXT = { show: { action: ['trigger', 'change'] } };

/** The fields of a page. */
export const pageFields: INodeProperties[] = [
	{
		displayName: 'Event',
		name: 'action',
		type: 'options',
		default: 'trigger',
		options: [
			{
				name: 'Acknowledge',
				value: 'acknowledge',
				action: 'Acknowledge an incident',
				description: 'Tell the pager that somebody works on the incident',
			},
			{
				name: 'Change',
				value: 'change',
				action: 'Mark a change',
				description: 'Mark a deployment on the timeline; pages nobody',
			},
			{ name: 'Resolve', value: 'resolve', action: 'Resolve an incident', description: 'End the incident' },
			{
				name: 'Trigger',
				value: 'trigger',
				action: 'Trigger an incident',
				description: 'Open an incident, or add to the one with the same key',
			},
		],
		description: 'What the pager is told',
	},
	{
		displayName: 'Summary',
		name: 'summary',
		type: 'string',
		default: '',
		required: true,
		placeholder: 'e.g. Release 2026.11.2 in production was rolled back',
		displayOptions: FOR_TEXT,
		description: 'What is wrong, in one line: the text that is read out at night. Cut at 1024 characters.',
	},
	{
		displayName: 'Severity',
		name: 'severity',
		type: 'options',
		default: 'critical',
		options: [
			{ name: 'Critical', value: 'critical' },
			{ name: 'Error', value: 'error' },
			{ name: 'Info', value: 'info' },
			{ name: 'Warning', value: 'warning' },
		],
		displayOptions: { show: { action: ['trigger'] } },
		description: 'How urgently the pager tries to reach somebody; its own rules decide what follows from it',
	},
	{
		displayName: 'Source',
		name: 'source',
		type: 'string',
		default: 'production',
		required: true,
		placeholder: 'e.g. production',
		displayOptions: FOR_TEXT,
		description: 'What it is about: the environment or the service',
	},
	{
		displayName: 'Deduplication Key',
		name: 'dedupKey',
		type: 'string',
		default: '={{ $json.release?.id ?? $execution.id }}',
		required: true,
		placeholder: 'e.g. the release ID',
		displayOptions: { show: { action: ['trigger', 'acknowledge', 'resolve'] } },
		description:
			'Which incident: events with the same key are one incident, and acknowledging or resolving needs the key that opened it. Cut at 255 characters.',
	},
	{
		displayName: 'Links',
		name: 'links',
		type: 'json',
		default: '[]',
		placeholder: 'e.g. [{"href": "https://n8n.example.com/workflow/1/executions/2", "text": "Execution"}]',
		displayOptions: FOR_TEXT,
		description: 'Addresses shown with the incident, as [{href, text}]',
	},
	{
		displayName: 'Custom Details',
		name: 'customDetails',
		type: 'json',
		default: '{}',
		placeholder: 'e.g. {"version": "2026.11.2", "reason": "…"}',
		displayOptions: FOR_TEXT,
		description: 'Facts shown with the incident, as a JSON object',
	},
	{
		displayName: 'Give Up After (Seconds)',
		name: 'deadlineSeconds',
		type: 'number',
		default: 120,
		typeOptions: { minValue: 1, maxValue: 3600 },
		description: 'How long sending is tried again while the pager is throttled, broken or out of reach',
	},
	{
		displayName: 'If It Cannot Be Sent',
		name: 'onFailure',
		type: 'options',
		default: 'error',
		options: [
			{ name: 'Fail', value: 'error', description: 'The node fails and the error workflow is called' },
			{
				name: 'Report',
				value: 'report',
				description:
					'The workflow goes on, the result says "not-sent" and why. For a page beside a rollback, which nothing may stop.',
			},
		],
		description: 'What happens when the page was refused or not accepted in time',
	},
];
