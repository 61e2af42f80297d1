import type { INodeProperties } from 'n8n-workflow';
import { fieldsOf } from '../shared/describeOperations';
import { configurationField } from './settings';

/** Fields of the operation Begin: the request, as the form or the CI gave it, and the configuration. */
export const beginFields: INodeProperties[] = fieldsOf('begin', [
	{
		displayName: 'Intent',
		name: 'requestIntent',
		type: 'options',
		default: 'begin',
		options: [
			{ name: 'Begin', value: 'begin', description: 'Start a release' },
			{
				name: 'Contract',
				value: 'contract',
				description: 'Run the migrations that the version which serves held back; no image is deployed',
			},
			{ name: 'Rehearse', value: 'rehearse', description: 'Look at everything and change nothing' },
			{ name: 'Resume', value: 'resume', description: 'Go on with a release whose run died' },
		],
		description: 'What was asked for. A run by hand in the editor always rehearses.',
	},
	{
		displayName: 'Environment',
		name: 'environment',
		type: 'string',
		default: '={{ $json.environment }}',
		required: true,
		placeholder: 'e.g. production',
		description: 'The environment that was asked for. It must be the one the configuration deploys to.',
	},
	{
		displayName: 'Version',
		name: 'version',
		type: 'string',
		default: '={{ $json.version }}',
		placeholder: 'e.g. 2026.11.23',
		description: 'The image tag to deploy. It is looked up in the registry and resolved to digests first.',
	},
	{
		displayName: 'Commit',
		name: 'commit',
		type: 'string',
		default: '={{ $json.commit }}',
		placeholder: 'e.g. 4f9c2a1',
		description: 'The Git commit that was built, for the record. May be empty.',
	},
	{
		displayName: 'Started By',
		name: 'startedBy',
		type: 'string',
		default: '={{ $json.startedBy }}',
		required: true,
		placeholder: 'e.g. ci',
		description: 'Who starts the release. They may not approve it.',
	},
	{
		displayName: 'Authors',
		name: 'authors',
		type: 'string',
		default: '={{ $json.authors }}',
		placeholder: 'e.g. a.developer@yourdomain.com, b.developer@yourdomain.com',
		description: 'Who wrote the commits, separated by commas. They may not approve it.',
	},
	{
		displayName: 'Release ID to Resume',
		name: 'resumeReleaseId',
		type: 'string',
		default: '={{ $json.releaseId }}',
		placeholder: 'e.g. r-2026.11.23-4f9c2a',
		description: 'The release whose run died. It goes on behind the last proven step.',
	},
	{
		displayName: 'Override',
		name: 'override',
		type: 'json',
		default: '={{ $json.override }}',
		description:
			'A written override of a closed change calendar, as {"person": …, "reason": …}; empty otherwise. It stays in the record.',
	},
	{
		displayName: 'Images',
		name: 'images',
		type: 'json',
		default: '={{ $json.images }}',
		description:
			'Digests that the CI recorded, as [{"workload": …, "image": "repository@sha256:…"}]. Empty to resolve the version in the registry.',
	},
	{
		displayName: 'Delivery ID',
		name: 'deliveryId',
		type: 'string',
		default: '={{ $json.deliveryId }}',
		placeholder: 'e.g. msg_2KWPBgLlAfxdpx2AI54pPJ85f4W',
		description: 'The webhook delivery that asked for it. The same delivery never begins a second release.',
	},
	{
		displayName: 'Phase Workflows',
		name: 'phaseWorkflows',
		type: 'string',
		default: 'phase-1-pre-deploy, phase-2-migration, phase-3-rollout, phase-4-validation',
		description:
			'IDs of the workflows that the release will call. Each registers what it would do; one that is edited afterwards is refused.',
	},
	configurationField,
]);
