import { z } from 'zod';
import { beginRelease, type ReleasePlan, type ReleaseRequest } from '../../../lib/release/beginRelease';
import { thresholdPolicy } from '../../../lib/metrics/policy';
import { createRegistry } from '../../../lib/release/registry.client';
import { releaseLedger } from '../../shared/credentials';
import { fieldsOf } from '../../shared/describeOperations';
import type { Operation } from '../../shared/operation';
import { readJson } from '../../shared/readJson';
import { releaseJson } from '../releaseJson';

interface Parameters {
	readonly request: ReleaseRequest;
	readonly plan: ReleasePlan;
}

const POLICY_REMEDY = 'Correct the field "policy" of the configuration workflow';
const workloadsSchema = z.array(z.object({ service: z.string(), repository: z.string().includes('/') })).min(1);
const imagesSchema = z.array(z.object({ workload: z.string(), image: z.string() }));

/** Begins a release. Passed: it was started. Failed: another one stands, and its id is given. */
export const begin: Operation<Parameters> = {
	name: 'begin',
	kind: 'verdict',
	description: fieldsOf('begin', [
		{
			displayName: 'Environment',
			name: 'environment',
			type: 'string',
			default: '={{ $json.environment }}',
			required: true,
			placeholder: 'e.g. production',
			description: 'The environment that the starter asked for. It must be the one the configuration deploys to.',
		},
		{
			displayName: 'Expected Environment',
			name: 'expectedEnvironment',
			type: 'string',
			default: "={{ $('Configuration').first().json.environment }}",
			required: true,
			placeholder: 'e.g. production',
			description:
				'The environment that the configuration deploys to; any other one is refused before anything is touched',
		},
		{
			displayName: 'Version',
			name: 'version',
			type: 'string',
			default: '={{ $json.version }}',
			required: true,
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
			description: 'Who starts the release, for the record and the approval',
		},
		{
			displayName: 'Images',
			name: 'images',
			type: 'json',
			default: '=[]',
			description:
				'Digests that the CI recorded, as [{"workload": …, "image": "repository@sha256:…"}]. Empty to resolve the version in the registry.',
		},
		{
			displayName: 'Workloads',
			name: 'workloads',
			type: 'json',
			default: "={{ JSON.stringify($('Configuration').first().json.workloads) }}",
			required: true,
			description: 'The release set: each workload with its service and repository',
		},
		{
			displayName: 'Threshold Policy',
			name: 'policy',
			type: 'json',
			default: "={{ JSON.stringify($('Configuration').first().json.policy) }}",
			required: true,
			description:
				'The thresholds that later steps judge by. It is checked as a whole here, before anything is touched.',
		},
		{
			displayName: 'Delivery ID',
			name: 'deliveryId',
			type: 'string',
			default: '',
			placeholder: 'e.g. msg_2KWPBgLlAfxdpx2AI54pPJ85f4W',
			description: 'The webhook delivery that asked for it. The same delivery never begins a second release.',
		},
	]),
	readParameters: (context, itemIndex) => {
		const text = (name: string): string => String(context.getNodeParameter(name, itemIndex, '') ?? '');
		readJson(context, { itemIndex, name: 'policy', schema: thresholdPolicy, remedy: POLICY_REMEDY });
		return {
			request: {
				environment: text('environment'),
				version: text('version'),
				commit: text('commit'),
				startedBy: text('startedBy'),
				deliveryId: text('deliveryId'),
				images: readJson(context, {
					itemIndex,
					name: 'images',
					whenAbsent: [],
					schema: imagesSchema,
					remedy: 'Give [{"workload": …, "image": …}] or []',
				}),
			},
			plan: {
				expectedEnvironment: text('expectedEnvironment'),
				workloads: readJson(context, {
					itemIndex,
					name: 'workloads',
					schema: workloadsSchema,
					remedy: 'Correct the field "workloads" of the configuration workflow: each has a service and a repository with its registry host',
				}),
				rehearsal: context.getMode() === 'manual',
				executionId: context.getExecutionId(),
			},
		};
	},
	plan: ({ request }) => ({ key: '', inputs: { version: request.version, environment: request.environment } }),
	run: async ({ parameters, open }) => {
		const { release, started } = await beginRelease(await open(releaseLedger), createRegistry(), parameters);
		return { verdict: started ? 'passed' : 'failed', result: { ...releaseJson(release), started } };
	},
};
