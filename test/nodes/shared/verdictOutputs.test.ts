import {
	NodeHelpers,
	Workflow,
	type INode,
	type INodeType,
	type INodeTypeDescription,
	type INodeTypes,
} from 'n8n-workflow';
import { outputsFor, verdictOutputs } from '../../../nodes/shared/verdictOutputs';

describe('verdictOutputs', () => {
	it('output 0 is Inconclusive: whatever leaks out of a node leaks there', () => {
		expect(verdictOutputs).toEqual({
			outputs: ['main', 'main', 'main'],
			outputNames: ['Inconclusive', 'Failed', 'Passed'],
		});
	});
});

describe('outputsFor', () => {
	const three = ['Inconclusive', 'Failed', 'Passed'].map((displayName) => ({ type: 'main', displayName }));

	it.each([
		['verify', three],
		['create', [{ type: 'main' }]],
	])('the operation %s of a mixed node has the outputs %j', (operation, outputs) => {
		expect(outputsInEditor(outputsFor(['verify']), operation)).toEqual(outputs);
	});
});

/** The outputs as n8n itself works them out for a node on the canvas. */
function outputsInEditor(outputs: Pick<INodeTypeDescription, 'outputs'>, operation: string): unknown {
	const node: INode = {
		id: 'n',
		name: 'Backup',
		type: 'backup',
		typeVersion: 1,
		position: [0, 0],
		parameters: { operation },
	};
	const description: INodeTypeDescription = {
		...outputs,
		displayName: 'Backup',
		name: 'backup',
		group: [],
		version: 1,
		description: '',
		defaults: {},
		inputs: ['main'],
		properties: [{ displayName: 'Operation', name: 'operation', type: 'string', default: '' }],
	};
	const type = { description } as INodeType;
	const nodeTypes = {
		getByName: () => type,
		getByNameAndVersion: () => type,
		getKnownTypes: () => ({}),
	} as INodeTypes;
	const workflow = new Workflow({ nodes: [node], connections: {}, active: false, nodeTypes });
	return NodeHelpers.getNodeOutputs(workflow, node, description);
}
