import type { INodeTypeDescription } from 'n8n-workflow';

const VERDICT_OUTPUTS = ['Inconclusive', 'Failed', 'Passed'] as const;

/** Outputs of a node all of whose operations judge. Output 0 is Inconclusive: whatever leaks out of a node leaks there. */
export const verdictOutputs: Pick<INodeTypeDescription, 'outputs' | 'outputNames'> = {
	outputs: ['main', 'main', 'main'],
	outputNames: [...VERDICT_OUTPUTS],
};

/** Outputs of a node of which only some operations judge. */
export function outputsFor(verdictOperations: readonly string[]): Pick<INodeTypeDescription, 'outputs'> {
	const three = JSON.stringify(VERDICT_OUTPUTS.map((displayName) => ({ type: 'main', displayName })));
	const judges = JSON.stringify(verdictOperations);
	return { outputs: `={{ ${judges}.includes($parameter.operation) ? ${three} : [{ type: 'main' }] }}` };
}
