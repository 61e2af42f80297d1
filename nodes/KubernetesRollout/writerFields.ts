import type { INodeProperties } from 'n8n-workflow';
import type { Cluster } from '../../lib/rollout/cluster';
import type { FreezeTarget } from '../../lib/rollout/freeze/freezeWriters';
import { deploymentsOf } from '../../lib/rollout/objectsOf';
import { parameterErrors } from '../../lib/support/errors';
import type { OperationContext, ParameterReader } from '../shared/operation';
import { splitList } from '../shared/splitList';
import { fenceOf, readSet, SET_FIELDS, type SetParameters } from './releaseSet';

/** Every Deployment that writes. */
export interface WriterParameters extends SetParameters {
	/** Besides both colours of the workloads and workers. */
	readonly others: readonly string[];
}

const NAME = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;

export const WRITER_FIELDS: INodeProperties[] = [
	...SET_FIELDS,
	{
		displayName: 'Other Deployments',
		name: 'otherDeployments',
		type: 'string',
		default: '',
		placeholder: 'e.g. case-worker, nightly-import',
		description:
			'Names of Deployments that write besides both colours of the workloads and workers, separated by commas',
	},
];

/** @throws RunbookError PARAMETER.INVALID */
export function readWriters(context: ParameterReader, itemIndex: number): WriterParameters {
	const others = splitList(String(context.getNodeParameter('otherDeployments', itemIndex, '') ?? ''));
	const wrong = others.find((name) => !NAME.test(name));
	if (wrong !== undefined)
		throw parameterErrors.INVALID({
			field: 'otherDeployments',
			problem: `"${wrong}" is no Kubernetes name`,
			remedy: 'Give the names as kubectl shows them, separated by commas',
		});
	return { ...readSet(context, itemIndex), others };
}

export function writersOf(context: OperationContext<WriterParameters>, cluster: Cluster): FreezeTarget {
	const { namespace, others } = context.parameters;
	return {
		namespace: namespace || cluster.namespace,
		deployments: [...new Set([...deploymentsOf(context.parameters), ...others])],
		fence: fenceOf(context),
	};
}

/** The writers as the ledger hashes them. */
export function writerInputs(parameters: WriterParameters): { namespace: string; deployments: string[] } {
	const { namespace, others } = parameters;
	return { namespace, deployments: [...deploymentsOf(parameters), ...others] };
}
