import type { INodeProperties } from 'n8n-workflow';
import type { DeploymentPlace } from '../../lib/rollout/deployment/changeDeployment';
import type { Cluster } from '../../lib/rollout/cluster';
import { parameterErrors } from '../../lib/support/errors';
import type { OperationContext, ParameterReader } from '../shared/operation';
import { clusterField, fenceOf, readClusterUid } from './releaseSet';

/** What every operation on one Deployment is told. */
export interface DeploymentParameters {
	/** Empty: the credential's namespace. */
	readonly namespace: string;
	readonly deployment: string;
	/** UID of the cluster that it has to be; empty: any. */
	readonly clusterUid: string;
}

const NAME = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;

export const DEPLOYMENT_FIELDS: INodeProperties[] = [
	{
		displayName: 'Namespace',
		name: 'namespace',
		type: 'string',
		default: '',
		placeholder: 'e.g. production',
		description: 'Namespace of the Deployment. Empty to use the one of the credential.',
	},
	{
		displayName: 'Deployment',
		name: 'deployment',
		type: 'string',
		default: '',
		required: true,
		placeholder: 'e.g. api-blue',
		description: 'Name of the Deployment',
	},
	clusterField(''),
];

/** @throws RunbookError PARAMETER.INVALID */
export function readDeployment(context: ParameterReader, itemIndex: number): DeploymentParameters {
	return {
		namespace: String(context.getNodeParameter('namespace', itemIndex, '') ?? '').trim(),
		deployment: readName(context, itemIndex, 'deployment'),
		clusterUid: readClusterUid(context, itemIndex),
	};
}

/** A field that holds a Kubernetes name. @throws RunbookError PARAMETER.INVALID */
export function readName(context: ParameterReader, itemIndex: number, field: string): string {
	const name = String(context.getNodeParameter(field, itemIndex) ?? '').trim();
	if (NAME.test(name)) return name;
	throw parameterErrors.INVALID({
		field,
		problem: 'it is no Kubernetes name',
		remedy: 'Give the name as kubectl shows it: lower-case letters, digits and hyphens',
	});
}

export function placeOf(context: OperationContext<DeploymentParameters>, cluster: Cluster): DeploymentPlace {
	const { namespace, deployment } = context.parameters;
	return { namespace: namespace || cluster.namespace, deployment, fence: fenceOf(context) };
}

/** The Deployment as the ledger hashes it. */
export function deploymentInputs({ namespace, deployment }: DeploymentParameters): {
	namespace: string;
	deployment: string;
} {
	return { namespace, deployment };
}
