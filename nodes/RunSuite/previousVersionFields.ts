import type { INodeProperties } from 'n8n-workflow';

/** How the previous version is started, and on which database. */
export const previousVersionFields: INodeProperties[] = [
	{
		displayName: 'Previous Version',
		name: 'previousVersion',
		type: 'json',
		default: "={{ JSON.stringify($('Configuration').first().json.previousVersion) }}",
		placeholder:
			'e.g. {"workload": "api", "command": ["npm", "run", "test:critical-path:alone"], "environmentFrom": ["rehearsal-services"]}',
		description:
			'How the live image of a workload starts the application against the database of its environment and runs its critical path. Empty: it is not run, and the release does not go back by itself.',
	},
	{
		displayName: 'Workloads',
		name: 'workloads',
		type: 'json',
		default: "={{ JSON.stringify($('Configuration').first().json.workloads) }}",
		required: true,
		placeholder:
			'e.g. [{"service": "api", "previewService": "api-preview", "deployments": {"blue": "api-blue", "green": "api-green"}, "container": "api", "repository": "registry.example.com/api", "role": "web"}]',
		description: 'The release set; the live deployment of the workload says which image is the previous version',
	},
	{
		displayName: 'Namespace of the Workloads',
		name: 'workloadsNamespace',
		type: 'string',
		default: "={{ $('Configuration').first().json.namespace }}",
		placeholder: 'e.g. production',
		description: 'Where the workloads are. Empty to use the namespace of the credential.',
	},
	{
		displayName: 'Scratch Database',
		name: 'scratchDatabase',
		type: 'string',
		default: '',
		placeholder: 'e.g. scratch_r_2026_11_23_…',
		description:
			'Name of the database on the scratch server in which the migrations were rehearsed. It is changed by the tests. Empty: the one of the rehearsal of the release.',
	},
	{
		displayName: 'Schema',
		name: 'schema',
		type: 'string',
		default: 'public',
		required: true,
		placeholder: 'e.g. public',
		description: 'What stands after "?schema=" in the URL that the application gets',
	},
	{
		displayName: 'Drop the Scratch Database',
		name: 'dropScratch',
		type: 'boolean',
		default: true,
		displayOptions: { show: { recordStep: [true] } },
		description:
			"Whether the scratch databases that this release's verifications kept are dropped afterwards, whatever the verdict",
	},
	{
		displayName: 'Look Every (Seconds)',
		name: 'pollSeconds',
		type: 'number',
		default: 1,
		typeOptions: { minValue: 0.2, maxValue: 60 },
		description: 'How long to wait between two looks at the Job',
	},
];
