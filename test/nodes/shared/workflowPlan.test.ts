import { readFileSync } from 'node:fs';
import type { INode, Workflow } from 'n8n-workflow';
import { packagePart } from '../../../nodes/shared/packagePart';
import { splitList } from '../../../nodes/shared/splitList';
import { workflowPart } from '../../../nodes/shared/workflowPlan';
import { fakeExecuteContext } from '../../support/fakeExecuteContext';

jest.mock('node:fs', () => ({ ...jest.requireActual<object>('node:fs'), readFileSync: jest.fn() }));

const GATE: INode = {
	id: '1',
	name: 'Error rate',
	type: 'n8n-nodes-deployment-runbook.metricGate',
	typeVersion: 1,
	position: [0, 0],
	parameters: { operation: 'errorRate', limits: { pass: 0.01 } },
	credentials: { releaseLedger: { id: 'c1', name: 'Ledger' } },
};
const SWITCH: INode = { ...GATE, id: '2', name: 'Switch traffic', parameters: { operation: 'switch' } };
const NOTE: INode = { ...GATE, id: '3', name: 'Note', type: 'n8n-nodes-base.stickyNote', parameters: { content: 'a' } };
const WIRE = { 'Error rate': { main: [[], [], [{ node: 'Switch traffic', type: 'main' as const, index: 0 }]] } };

function hashOf(
	nodes: readonly INode[] = [GATE, SWITCH, NOTE],
	wires: Workflow['connectionsBySourceNode'] = WIRE,
): string {
	const shown = Object.fromEntries(nodes.map((node) => [node.name, node]));
	const workflow = { id: 'phase-4', nodes: shown, connectionsBySourceNode: wires };
	const { part, hash } = workflowPart(fakeExecuteContext({ parameters: {}, workflow }).context);
	expect(part).toBe('workflow/phase-4');
	return hash;
}

const HASH = /^[0-9a-f]{64}$/;

describe('the hash of a workflow', () => {
	it('is a SHA-256 and the same each time', () => {
		expect(hashOf()).toMatch(HASH);
		expect(hashOf()).toBe(hashOf());
	});

	it.each<[string, INode[]]>([
		['a node was moved', [{ ...GATE, position: [400, 80] }, SWITCH, NOTE]],
		['a node has a note', [{ ...GATE, notes: 'step 4.2', notesInFlow: true }, SWITCH, NOTE]],
		['a node has another internal id', [{ ...GATE, id: '9' }, SWITCH, NOTE]],
		['a sticky note was written', [GATE, SWITCH, { ...NOTE, parameters: { content: 'b' } }]],
		['a sticky note was deleted', [GATE, SWITCH]],
		['the nodes stand in another order', [NOTE, SWITCH, GATE]],
		[
			'parameters stand in another order',
			[{ ...GATE, parameters: { limits: { pass: 0.01 }, operation: 'errorRate' } }, SWITCH],
		],
		['a flag that is absent is undefined', [{ ...GATE, disabled: undefined as never }, SWITCH]],
	])('stays when %s', (_, nodes) => {
		expect(hashOf(nodes)).toBe(hashOf());
	});

	it.each<[string, INode[]]>([
		['a parameter changed', [{ ...GATE, parameters: { operation: 'errorRate', limits: { pass: 0.5 } } }, SWITCH]],
		['a parameter was removed', [{ ...GATE, parameters: { operation: 'errorRate' } }, SWITCH]],
		['a node is disabled', [{ ...GATE, disabled: true }, SWITCH]],
		['a node continues on errors', [{ ...GATE, onError: 'continueRegularOutput' }, SWITCH]],
		['a node always gives data', [{ ...GATE, alwaysOutputData: true }, SWITCH]],
		['a node retries', [{ ...GATE, retryOnFail: true }, SWITCH]],
		['a node runs once', [{ ...GATE, executeOnce: true }, SWITCH]],
		[
			'a node has other credentials',
			[{ ...GATE, credentials: { releaseLedger: { id: 'c2', name: 'x' } } }, SWITCH],
		],
		['a node has another type', [{ ...GATE, type: 'n8n-nodes-base.noOp' }, SWITCH]],
		['a node has another version', [{ ...GATE, typeVersion: 2 }, SWITCH]],
		['a node has another name', [{ ...GATE, name: 'Error rates' }, SWITCH]],
		['a node was deleted', [GATE]],
		['a node was added', [GATE, SWITCH, { ...GATE, name: 'Another' }]],
	])('changes when %s', (_, nodes) => {
		expect(hashOf(nodes)).not.toBe(hashOf());
	});

	it.each<[string, Workflow['connectionsBySourceNode']]>([
		['was cut', {}],
		['leaves another output', { 'Error rate': { main: [[{ node: 'Switch traffic', type: 'main', index: 0 }]] } }],
		['leads elsewhere', { 'Error rate': { main: [[], [], [{ node: 'Note', type: 'main', index: 0 }]] } }],
	])('changes when a wire %s', (_, wires) => {
		expect(hashOf(undefined, wires)).not.toBe(hashOf());
	});

	it.each<[string, object]>([
		['nothing', {}],
		['no nodes', { workflow: { id: 'w', connectionsBySourceNode: {} } }],
		['no wires', { workflow: { id: 'w', nodes: {} } }],
	])('is refused to an n8n that shows %s of the workflow', (_, shown) => {
		expect(() => workflowPart({ ...shown, getNode: () => GATE })).toThrow(
			expect.objectContaining({ code: 'PARAMETER.WORKFLOW_UNSEEN' }) as Error,
		);
	});
});

describe('the package', () => {
	it('is the stamp that the build left beside the compiled files', () => {
		jest.mocked(readFileSync).mockReturnValue(' 4f9c2a1\n');
		expect(packagePart()).toEqual({ part: 'package', hash: '4f9c2a1' });
		expect(jest.mocked(readFileSync).mock.calls[0]?.[0]).toMatch(/[/\\]\.stamp$/);
	});

	it('run from its sources says so', () => {
		jest.mocked(readFileSync).mockImplementation(() => {
			throw new Error('ENOENT');
		});
		expect(packagePart()).toEqual({ part: 'package', hash: 'sources' });
	});
});

describe('a list written with commas', () => {
	it.each([
		['', []],
		[' , ,', []],
		['a', ['a']],
		[' a, b c ,,d,', ['a', 'b c', 'd']],
	])('%j is %j', (text, entries) => {
		expect(splitList(text)).toEqual(entries);
	});
});
