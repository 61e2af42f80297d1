import type { INodeProperties } from 'n8n-workflow';

/** Which release a node acts for: what the node named `Release` gave; items are not trusted to carry it. */
export const releaseContextParameters: INodeProperties[] = [
	{
		displayName: 'Release ID',
		name: 'releaseId',
		type: 'hidden',
		default: "={{ $('Release').first().json.release.id }}",
	},
	{
		displayName: 'Token',
		name: 'token',
		type: 'hidden',
		default: "={{ $('Release').first().json.release.token }}",
	},
];

/**
 * The fields by which a node records into a release. `defaultStepKey` names the runbook step, e.g. `1.2/verify-backup`.
 */
export function releaseParameters(operations: Readonly<Record<string, string>>): INodeProperties[] {
	return [
		{
			displayName: 'Record Step',
			name: 'recordStep',
			type: 'boolean',
			default: false,
			displayOptions: { show: { operation: Object.keys(operations) } },
			description:
				'Whether to record this step in the release ledger. Needs the Release Ledger credential and a node named "Release" earlier in the workflow.',
		},
		...Object.entries(operations).map(([operation, stepKey]): INodeProperties => ({
			displayName: 'Step Key',
			name: 'stepKey',
			type: 'string',
			default: stepKey,
			required: true,
			placeholder: `e.g. ${stepKey}`,
			displayOptions: { show: { operation: [operation], recordStep: [true] } },
			description:
				'The runbook step that this node is; unique in the workflow set. Other steps ask the ledger for it by this name.',
		})),
		...releaseContextParameters,
	];
}

/** The ledger's credential, asked for only while recording. */
export const LEDGER_WHEN_RECORDING = {
	name: 'releaseLedger',
	required: true,
	displayOptions: { show: { recordStep: [true] } },
};
