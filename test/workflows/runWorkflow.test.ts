import type { IExecuteFunctions, INode } from 'n8n-workflow';
import { loadEngine, type Engine } from './engine';
import { WorkflowRunner, type Replacement, type WorkflowJson } from './runWorkflow';

let engine: Engine;
beforeAll(async () => {
	engine = await loadEngine({ withPackage: false });
});

function node(name: string, type: string, typeVersion: number, parameters: INode['parameters'] = {}): INode {
	return {
		id: name.toLowerCase().replaceAll(' ', '-'),
		name,
		type: `n8n-nodes-base.${type}`,
		typeVersion,
		position: [0, 0],
		parameters,
	};
}

function chain(id: string, nodes: INode[], settings = {}): WorkflowJson {
	const connections = Object.fromEntries(
		nodes
			.slice(0, -1)
			.map(({ name }, index) => [
				name,
				{ main: [[{ node: nodes[index + 1]?.name ?? '', type: 'main' as const, index: 0 }]] },
			]),
	);
	return { id, name: id, nodes, connections, settings: { executionOrder: 'v1', ...settings } };
}

const set = (name: string, expressions: Record<string, string>): INode =>
	node(name, 'set', 3.4, {
		assignments: {
			assignments: Object.entries(expressions).map(([field, value]) => ({
				id: field,
				name: field,
				value,
				type: 'string',
			})),
		},
		options: {},
	});

const gate = node('Gate', 'wait', 1.1, {
	resume: 'webhook',
	httpMethod: 'POST',
	limitWaitTime: true,
	limitType: 'afterTimeInterval',
	resumeAmount: 2,
	resumeUnit: 'hours',
	options: {},
});

const child = chain('child', [
	node('Called', 'executeWorkflowTrigger', 1.1, { inputSource: 'passthrough' }),
	gate,
	set('Return verdict', { verdict: "={{ $json.body?.decision ?? 'nobody answered' }}" }),
]);
const parent = chain(
	'parent',
	[
		node('Start', 'manualTrigger', 1),
		node('Call', 'executeWorkflow', 1.2, {
			workflowId: { __rl: true, value: 'child', mode: 'id' },
			workflowInputs: { mappingMode: 'passthrough', value: {} },
			options: {},
		}),
		set('After', { heard: '={{ $json.verdict }}' }),
	],
	{ errorWorkflow: 'on-error' },
);
const onError = chain('on-error', [
	node('Failed', 'errorTrigger', 1),
	set('Page', { text: '={{ $json.execution.error.message }} in {{ $json.workflow.name }}' }),
]);
const workflows = { child, parent, 'on-error': onError };

/** Posts to whatever waits. */
async function post(runner: WorkflowRunner, body: Record<string, string>): Promise<void> {
	for (const execution of runner.waiting()) await (await runner.visit(execution, { method: 'POST', body })).goesOn;
}

/** A node that gives out one thing that its context tells. */
function reply(tell: (context: IExecuteFunctions) => Promise<unknown>): Replacement {
	return async function (this: IExecuteFunctions) {
		return [[{ json: { reply: (await tell(this)) as string } }]];
	};
}

describe('a sub-workflow that waits for a request', () => {
	it('makes its caller wait, and the answer resumes both', async () => {
		const runner = new WorkflowRunner({ engine, workflows });
		const started = await runner.start('parent');
		expect(started.status).toBe('waiting');
		expect(runner.waiting().map((execution) => runner.waitsAt(execution))).toEqual(['child/Gate']);

		await post(runner, { decision: 'approve' });
		expect(started.status).toBe('success');
		expect(runner.output('parent', 'After')).toEqual([{ heard: 'approve' }]);
		expect(runner.ran).toEqual([
			'parent/Start',
			'child/Called',
			'child/Gate',
			'parent/Call',
			'child/Gate',
			'child/Return verdict',
			'parent/Call',
			'parent/After',
		]);
	});

	it('lets its input out through output 0 when the time is up', async () => {
		const runner = new WorkflowRunner({ engine, workflows });
		await runner.start('parent');
		for (const execution of runner.waiting()) await runner.expire(execution);
		expect(runner.output('parent', 'After')).toEqual([{ heard: 'nobody answered' }]);
	});

	it('resumes with any items a test chooses', async () => {
		const runner = new WorkflowRunner({ engine, workflows });
		await runner.start('parent');
		for (const execution of runner.waiting()) await runner.resume(execution, [{ body: { decision: 'reject' } }]);
		expect(runner.output('parent', 'After')).toEqual([{ heard: 'reject' }]);
	});

	it('fails its caller when it fails after the wait, and the error workflow hears of it', async () => {
		const replace = { 'child/Return verdict': async () => await Promise.reject(new Error('no verdict')) };
		const runner = new WorkflowRunner({ engine, workflows, replace });
		const started = await runner.start('parent');
		await post(runner, { decision: 'approve' });
		expect(started.status).toBe('error');
		expect(runner.ran).not.toContain('parent/After');
		expect(runner.output('on-error', 'Page')).toEqual([{ text: 'no verdict in parent' }]);
	});

	it('keeps waiting when its node does not take the request', async () => {
		const runner = new WorkflowRunner({ engine, workflows });
		const started = await runner.start('parent');
		for (const execution of runner.waiting())
			await expect(runner.visit(execution, { method: 'GET' })).resolves.toEqual({
				answer: { status: 404, body: '' },
			});
		expect(started.status).toBe('waiting');
	});

	it('knows the address at which it is reached', async () => {
		const replace = {
			'child/Gate': reply(async (context) => context.evaluateExpression('{{ $execution.resumeUrl }}', 0)),
		};
		const runner = new WorkflowRunner({
			engine,
			workflows,
			replace,
			waitingUrl: 'http://127.0.0.1:1/webhook-waiting',
		});
		await runner.start('parent');
		const token = runner.executions.find(({ workflowId }) => workflowId === 'child')?.run.data.resumeToken;
		expect(token).toMatch(/./);
		expect(runner.output('child', 'Gate')).toEqual([
			{ reply: `http://127.0.0.1:1/webhook-waiting/2?signature=${token}` },
		]);
	});

	it('goes on with the workflow it started with, whatever is edited meanwhile', async () => {
		const edited = { ...workflows, child: structuredClone(child) };
		const runner = new WorkflowRunner({ engine, workflows: edited });
		await runner.start('parent');
		edited.child = chain('child', [...child.nodes.slice(0, 2), set('Return verdict', { verdict: 'edited' })]);
		await post(runner, { decision: 'approve' });
		expect(runner.output('parent', 'After')).toEqual([{ heard: 'approve' }]);
	});
});

describe('replacing a node', () => {
	it('gives the items a test chose instead of running it', async () => {
		const runner = new WorkflowRunner({ engine, workflows, replace: { 'parent/Call': [{ verdict: 'passed' }] } });
		await expect(runner.start('parent')).resolves.toMatchObject({ status: 'success' });
		expect(runner.output('parent', 'After')).toEqual([{ heard: 'passed' }]);
		expect(runner.reached('child')).toBe(false);
	});
});
