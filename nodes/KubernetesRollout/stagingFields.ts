import type { INodeProperties } from 'n8n-workflow';
import type { Json } from '../../lib/release/model';
import type { TargetImage } from '../../lib/rollout/model';
import { parseStaging } from '../../lib/rollout/staging/parseStaging';
import type { Staging } from '../../lib/rollout/staging/model';
import type { ParameterReader } from '../shared/operation';
import { IMAGES_FIELD, readImages, readWorkloads, WORKLOAD_FIELDS } from './releaseSet';

/** What the operations on staging are told. */
export interface StagingParameters {
	readonly staging: Staging;
	readonly images: readonly TargetImage[];
	/** UID of the cluster that staging is in; empty: any. */
	readonly clusterUid: string;
}

export const STAGING_FIELDS: INodeProperties[] = [
	...WORKLOAD_FIELDS,
	{
		displayName: 'Staging',
		name: 'staging',
		type: 'json',
		default: "={{ JSON.stringify($('Configuration').first().json.staging) }}",
		required: true,
		placeholder: 'e.g. {"enabled": true, "namespace": "staging", "deployments": {"api": "api"}}',
		description:
			'The namespace of staging, and the Deployment of each workload in it. Give the node the credential of the cluster that staging is in.',
	},
	IMAGES_FIELD,
];

/** @throws RunbookError PARAMETER.INVALID */
export function readStagingParameters(context: ParameterReader, itemIndex: number): StagingParameters {
	const set = readWorkloads(context, itemIndex);
	const staging = parseStaging(context.getNodeParameter('staging', itemIndex), set);
	return {
		staging,
		clusterUid: staging.clusterUid ?? '',
		images: readImages(context, itemIndex, set.workloads),
	};
}

/** As the ledger hashes them. */
export function stagingInputs({ staging, images }: StagingParameters): Json {
	return {
		namespace: staging.namespace,
		deployments: staging.workloads.map(({ service, deployment }) => `${service}: ${deployment}`),
		images: images.map(({ workload, image }) => `${workload}: ${image}`),
	};
}
