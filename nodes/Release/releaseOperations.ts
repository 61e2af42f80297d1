import type { INodeProperties } from 'n8n-workflow';

/** The two fields by which an operation is chosen: they are many, so they are grouped. */
export const operationFields: INodeProperties[] = [
	{
		displayName: 'Resource',
		name: 'resource',
		type: 'options',
		noDataExpression: true,
		default: 'release',
		options: [
			{ name: 'Freeze', value: 'freeze' },
			{ name: 'Phase', value: 'phase' },
			{ name: 'Release', value: 'release' },
		],
	},
	{
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show: { resource: ['release'] } },
		default: 'begin',
		options: [
			{
				name: 'Answer Checklist',
				value: 'answerChecklist',
				action: 'Answer a checklist about a release',
				description: 'Record what a person answered to a list of questions, under their name',
			},
			{
				name: 'Begin',
				value: 'begin',
				action: 'Begin a release',
				description: 'Take the lock of an environment and start, resume or rehearse a release',
			},
			{
				name: 'Finish',
				value: 'finish',
				action: 'Finish a release',
				description: 'End a release in the state its steps prove',
			},
			{
				name: 'Get',
				value: 'get',
				action: 'Get a release',
				description: 'Look a release up with its steps',
			},
			{
				name: 'Get Many',
				value: 'list',
				action: 'Get many releases',
				description: 'List the releases of an environment and its freezes',
			},
			{
				name: 'Join',
				value: 'join',
				action: 'Join a release',
				description: 'Go on with a release in a sub-workflow, or take it over to roll it back',
			},
			{
				name: 'Look After',
				value: 'lookAfter',
				action: 'Look after a release',
				description: 'Tell whether the live release died half-way or runs out of time',
			},
			{
				name: 'Plan',
				value: 'plan',
				action: 'Resolve the plan of a release',
				description: 'Tell what the release would do and how long it usually takes',
			},
			{
				name: 'Read Failure',
				value: 'readFailure',
				action: 'Read a failed execution',
				description: 'Behind an Error Trigger: tell what to do about the release whose run failed',
			},
			{
				name: 'Report',
				value: 'report',
				action: 'Write the report of a release',
				description: 'Write the release as one HTML page and as JSON to object storage',
			},
			{
				name: 'Start Watch',
				value: 'startWatch',
				action: 'Start the watch',
				description: 'Keep the lock and watch the release after the switch',
			},
			{
				name: 'Take Over',
				value: 'takeOver',
				action: 'Take over a release',
				description: 'Take a live release from the run that holds it, in an emergency',
			},
		],
	},
	{
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show: { resource: ['phase'] } },
		default: 'returnVerdict',
		options: [
			{
				name: 'Register Plan',
				value: 'registerPlan',
				action: 'Register the plan of a phase',
				description: 'Tell the beginning release what this workflow would do, and stop',
			},
			{
				name: 'Return Verdict',
				value: 'returnVerdict',
				action: 'Return the verdict of a phase',
				description: 'Tell from the ledger whether all steps of a phase passed',
			},
		],
	},
	{
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show: { resource: ['freeze'] } },
		default: 'declareFreeze',
		options: [
			{
				name: 'Declare',
				value: 'declareFreeze',
				action: 'Declare a freeze',
				description: 'No release starts in the environment until it ends or is lifted',
			},
			{
				name: 'Lift',
				value: 'liftFreeze',
				action: 'Lift a freeze',
				description: 'Releases may start again',
			},
		],
	},
];
