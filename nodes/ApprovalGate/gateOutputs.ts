import type { INodeTypeDescription } from 'n8n-workflow';

const NAMES = {
	ask: ['Ask', 'Decided'],
	// Output 0 is Expired: whatever leaks out of a node leaks there.
	wait: ['Expired', 'Approved', 'Rejected', 'Pending'],
} as const;

const list = (names: readonly string[]): string =>
	JSON.stringify(names.map((displayName) => ({ type: 'main', displayName })));

/** Outputs of the chosen operation. */
export const gateOutputs: INodeTypeDescription['outputs'] = `={{ $parameter.operation === 'wait' ? ${list(NAMES.wait)} : $parameter.operation === 'ask' ? ${list(NAMES.ask)} : [{ type: 'main' }] }}`;
