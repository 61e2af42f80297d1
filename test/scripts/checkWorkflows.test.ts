import path from 'node:path';
import type { INode, INodeProperties } from 'n8n-workflow';

interface Finding {
	readonly file: string;
	readonly node: string;
	readonly rule: string;
	readonly message: string;
}
type Json = {
	id: string;
	name: string;
	nodes: INode[];
	connections: Record<string, unknown>;
	settings: Record<string, unknown>;
	pinData?: Record<string, unknown>;
};
type Check = (files: ReadonlyArray<{ file: string; json: Json }>, findType: (type: string) => unknown) => Finding[];

const PACKAGE = 'n8n-nodes-deployment-runbook';
const text = (name: string, more: Partial<INodeProperties> = {}): INodeProperties => ({
	displayName: name,
	name,
	type: 'string',
	default: '',
	...more,
});
const recordStep: INodeProperties = { displayName: 'Record', name: 'recordStep', type: 'boolean', default: false };

/** Node types as small as the rules allow: versioned or not, one output or three, nested fields. */
const TYPES: Record<string, unknown> = {
	'n8n-nodes-base.manualTrigger': type({ group: ['trigger'], inputs: [] }),
	'n8n-nodes-base.executeWorkflowTrigger': type({ group: ['trigger'], inputs: [] }),
	'n8n-nodes-base.errorTrigger': type({ group: ['trigger'], inputs: [] }),
	'n8n-nodes-base.stickyNote': type({
		properties: [text('content'), { ...text('width'), type: 'number' }, { ...text('height'), type: 'number' }],
	}),
	'n8n-nodes-base.executeWorkflow': type({
		properties: [
			text('workflowId'),
			{
				...text('options'),
				type: 'collection',
				default: {},
				options: [{ displayName: 'Wait', name: 'waitForSubWorkflow', type: 'boolean', default: true }],
			},
		],
	}),
	'n8n-nodes-base.switch': type({
		outputs: ['main', 'main'],
		outputNames: ['passed', 'Fallback'],
		properties: [{ ...text('options'), type: 'collection', default: {}, options: [text('fallbackOutput')] }],
	}),
	'n8n-nodes-base.set': type({
		properties: [
			{ ...text('mode'), default: 'manual' },
			text('value', { displayOptions: { show: { mode: ['manual'] } } }),
			{
				displayName: 'Fields',
				name: 'fields',
				type: 'fixedCollection',
				typeOptions: { multipleValues: true },
				default: {},
				options: [{ displayName: 'Values', name: 'values', values: [text('name'), text('password')] }],
			},
		],
	}),
	[`${PACKAGE}.metricGate`]: type({
		outputs: ['main', 'main', 'main'],
		outputNames: ['Inconclusive', 'Failed', 'Passed'],
		properties: [recordStep, text('stepKey', { default: '4.2/error-rate' })],
	}),
	[`${PACKAGE}.release`]: type({ properties: [text('operation')] }),
};

function type(description: Record<string, unknown>): unknown {
	return {
		description: {
			displayName: '',
			name: '',
			group: [],
			version: [1, 2],
			defaults: {},
			description: '',
			inputs: ['main'],
			outputs: ['main'],
			properties: [],
			...description,
		},
	};
}

function node(name: string, nodeType: string, more: Partial<INode> = {}): INode {
	const full = nodeType.includes('.') ? nodeType : `n8n-nodes-base.${nodeType}`;
	return { id: name, name, type: full, typeVersion: 1, position: [0, 0], parameters: {}, notes: '4.2', ...more };
}

/** `A > B` wires output 0; `A:2 > B` wires output 2. */
function wire(...wires: string[]): Record<string, unknown> {
	const connections: Record<string, { main: Array<Array<{ node: string; type: string; index: number }>> }> = {};
	for (const one of wires) {
		const [from = '', to = ''] = one.split(' > ');
		const [name = '', output = '0'] = from.split(':');
		const main = (connections[name] ??= { main: [] }).main;
		while (main.length <= Number(output)) main.push([]);
		main[Number(output)]?.push({ node: to, type: 'main', index: 0 });
	}
	return connections;
}

const settings = { errorWorkflow: 'onFailure', saveExecutionProgress: false };
const onFailure = { file: 'on-failure.json', json: workflow('onFailure', [node('Failed', 'errorTrigger')]) };

function workflow(
	id: string,
	nodes: INode[],
	connections: Record<string, unknown> = {},
	more: Partial<Json> = {},
): Json {
	return { id, name: id, nodes, connections, settings, ...more };
}

let check: Check;
beforeAll(async () => {
	const script: string = path.resolve(__dirname, '..', '..', 'scripts', 'workflows', 'checkWorkflows.mjs');
	check = ((await import(script)) as { checkWorkflows: Check }).checkWorkflows;
});

/** What the check says of one file beside the error workflow, as `node: rule: message`. */
function findings(json: Json, others: ReadonlyArray<{ file: string; json: Json }> = [], file = 'a.json'): string[] {
	return check([{ file, json }, onFailure, ...others], (name) => TYPES[name])
		.filter((finding) => finding.file === file)
		.map(({ node: name, rule, message }) => `${name}: ${rule}: ${message}`);
}

const start = node('Start', 'manualTrigger');
const after = (next: INode, more: Partial<Json> = {}): Json =>
	workflow('a', [start, next], wire(`Start > ${next.name}`), more);
const gate = (more: Partial<INode> = {}): INode => node('Gate', `${PACKAGE}.metricGate`, more);
const ends = (...names: string[]): INode[] => names.map((name) => node(name, 'set'));

it('has nothing to say of a sound workflow', () => {
	const nodes = [start, gate(), ...ends('Stop', 'Back', 'Go')];
	expect(
		findings(workflow('a', nodes, wire('Start > Gate', 'Gate:0 > Stop', 'Gate:1 > Back', 'Gate:2 > Go'))),
	).toEqual([]);
});

describe('types', () => {
	it.each([
		[
			'CUSTOM.metricGate',
			1,
			'type: CUSTOM.metricGate exists only where the package is loaded as a custom extension',
		],
		['n8n-nodes-base.nothing', 1, 'type: no package has the type n8n-nodes-base.nothing'],
		['n8n-nodes-base.set', 9, 'type-version: n8n-nodes-base.set has no version 9'],
	])('%s version %i', (name, typeVersion, message) => {
		expect(findings(after(node('X', name, { typeVersion })))).toContain(`X: ${message}`);
	});
});

describe('parameters', () => {
	it.each([
		['that never existed', { colour: 'green' }, 'colour'],
		['that are hidden by another', { mode: 'raw', value: 'x' }, 'value'],
		['inside a list', { fields: { values: [{ name: 'a' }, { name: 'b', type: 'x' }] } }, 'fields.values[1].type'],
		['in place of a group', { fields: { entries: [] } }, 'fields.entries'],
	])('%s are dropped by n8n', (_, parameters, dropped) => {
		expect(findings(after(node('Set', 'set', { parameters })))).toEqual([
			`Set: parameter: n8n drops the parameter ${dropped}`,
		]);
	});
});

describe('leaks', () => {
	const wired = (node_: INode, more: Partial<Json> = {}): Json =>
		workflow(
			'a',
			[start, node_, ...ends('Stop', 'Back', 'Go')],
			wire('Start > Gate', 'Gate:0 > Stop', 'Gate:1 > Back', 'Gate:2 > Go'),
			more,
		);

	it.each([
		[{ onError: 'continueRegularOutput' }, 'onError is "continueRegularOutput"'],
		[{ onError: 'continueErrorOutput' }, 'onError is "continueErrorOutput"'],
		[{ continueOnFail: true }, 'continueOnFail is true'],
		[{ disabled: true }, 'disabled is true'],
		[{ alwaysOutputData: true }, 'alwaysOutputData is true'],
		[{ retryOnFail: true }, 'retryOnFail is true'],
	] as Array<[Partial<INode>, string]>)('%j on a node of the package', (more, message) => {
		expect(findings(wired(gate(more))).filter((said) => said.includes('leak'))).toEqual([
			`Gate: leak: ${message}: what was not done would leave as if it had been`,
		]);
	});

	it('pinned data on a node of the package', () => {
		expect(findings(wired(gate(), { pinData: { Gate: [] } }))).toEqual(['Gate: leak: has pinned data']);
	});

	it('an Execute Sub-workflow that goes on after an error', () => {
		const call = node('Call', 'executeWorkflow', {
			onError: 'continueRegularOutput',
			parameters: { workflowId: 'onFailure' },
		});
		expect(findings(after(call))).toEqual([expect.stringContaining('Call: leak: onError')]);
	});

	it('are nobody’s business on other nodes', () => {
		expect(findings(after(node('Set', 'set', { onError: 'continueRegularOutput' })))).toEqual([]);
	});
});

it('every output of a verdict node leads somewhere', () => {
	expect(findings(workflow('a', [start, gate(), ...ends('Go')], wire('Start > Gate', 'Gate:2 > Go')))).toEqual([
		'Gate: output: the output Inconclusive is not wired',
		'Gate: output: the output Failed is not wired',
	]);
});

describe('notes', () => {
	const bare = node('Set', 'set', { notes: '', position: [100, 100] });
	const sticky = (position: [number, number], content = '## 1.1'): INode =>
		node('Sticky', 'stickyNote', { position, parameters: { content, width: 300, height: 300 } });

	it.each([
		[
			'nothing names the step',
			[],
			['Set: notes: names no runbook step, neither in its notes nor by a sticky note around it'],
		],
		[
			'a sticky lies elsewhere',
			[sticky([500, 500])],
			['Set: notes: names no runbook step, neither in its notes nor by a sticky note around it'],
		],
		[
			'an empty sticky lies around it',
			[sticky([0, 0], ' ')],
			['Set: notes: names no runbook step, neither in its notes nor by a sticky note around it'],
		],
		['a sticky lies around it', [sticky([0, 0])], []],
	])('%s', (_, stickies, said) => {
		expect(findings(workflow('a', [start, bare, ...stickies], wire('Start > Set')))).toEqual(said);
	});
});

describe('values', () => {
	const value = (given: string): string[] => findings(after(node('Set', 'set', { parameters: { value: given } })));

	it.each([
		'Bearer abcdefghijklmnop',
		'-----BEGIN PRIVATE KEY-----',
		'ghp_abcdefghijklmnopqrstuvwxyz',
		'whsec_MfKQ9r8GKYqrTwjUPD8ILPZI',
	])('%s looks like a secret', (secret) => {
		expect(value(secret)).toEqual(['Set: secret: value looks like a secret; secrets belong in credentials']);
	});

	it('a field called password holds no literal', () => {
		const fields = (password: string): string[] =>
			findings(after(node('Set', 'set', { parameters: { fields: { values: [{ name: 'a', password }] } } })));
		expect(fields('hunter2')).toEqual([
			'Set: secret: fields.values[0].password looks like a secret; secrets belong in credentials',
		]);
		expect(fields('={{ $json.x }}')).toEqual([]);
	});

	it.each(['https://api.example.com/health', '=http://{{ $json.x }}.example.com', 'see localhost', '10.0.0.7'])(
		'%s is a fixed host',
		(host) => {
			expect(value(host).filter((said) => said.includes('host'))).toEqual(
				host.startsWith('=http://{{')
					? []
					: ['Set: host: value names a fixed host; hosts belong in the configuration workflow'],
			);
		},
	);

	it('the configuration may name hosts', () => {
		expect(
			findings(
				after(node('Set', 'set', { parameters: { value: 'https://api.example.com' } })),
				[],
				'configuration.json',
			),
		).toEqual([]);
	});

	it.each([
		'={{ $json.a ? 1 : 2 }}',
		'={{ $json.a && $json.b }}',
		'={{ $json.a || "x" }}',
		'={{ $json.a ?? "x" }}',
		'={{ $json.a > 1 }}',
		'={{ $json.a === 1 }}',
		'={{ !$json.a }}',
		'=v {{ $json.list.filter((x) => x.a !== 1) }}',
	])('%s decides', (expression) => {
		expect(value(expression)).toEqual([
			'Set: expression: value decides; an expression picks a field, logic lives in nodes',
		]);
	});

	it.each([
		'={{ $json.a?.b }}',
		"={{ $('A > B').first().json.release.id }}",
		'={{ $json.list.map((x) => x.id) }}',
		'=a > b',
		'a ? b : c',
	])('%s picks', (expression) => {
		expect(value(expression)).toEqual([]);
	});
});

describe('the graph', () => {
	it('knows nodes that no trigger leads to', () => {
		expect(
			findings(workflow('a', [start, ...ends('Lost', 'Found')], wire('Start > Found', 'Lost > Found'))),
		).toEqual(['Lost: unreachable: no trigger leads here']);
	});

	it('knows a workflow that nothing starts', () => {
		expect(findings(workflow('a', ends('Set')))).toEqual([
			'(workflow): unreachable: nothing starts this workflow: it has no trigger',
			'Set: unreachable: no trigger leads here',
		]);
	});

	it('knows wires that lead nowhere', () => {
		expect(findings(workflow('a', [start], wire('Start > Gone', 'Ghost > Start')))).toEqual([
			'Start: connection: leads to Gone, which does not exist',
			'Ghost: connection: is wired but does not exist',
		]);
	});

	const called = node('Called', 'executeWorkflowTrigger');

	it('wants every branch of a sub-workflow to end in one node', () => {
		expect(findings(workflow('a', [called, ...ends('Return verdict')], wire('Called > Return verdict')))).toEqual(
			[],
		);
		expect(
			findings(
				workflow(
					'a',
					[called, ...ends('Return verdict', 'Other')],
					wire('Called > Return verdict', 'Called > Other'),
				),
			),
		).toEqual(['Other: end: a branch ends here; every branch of a sub-workflow ends in "Return verdict"']);
		expect(findings(workflow('a', [called, ...ends('Other')], wire('Called > Other')))).toHaveLength(2);
	});

	it('lets a branch end where a phase registers its plan: no item leaves it', () => {
		const plan = node('Plan', `${PACKAGE}.release`, {
			parameters: { operation: 'registerPlan' },
		});
		const nodes = [called, plan, ...ends('Return verdict')];
		expect(findings(workflow('a', nodes, wire('Called > Return verdict', 'Called > Plan')))).toEqual([]);
	});

	describe('a call of a phase', () => {
		const phase = {
			file: 'phase.json',
			json: workflow('phase', [called, ...ends('Return verdict')], wire('Called > Return verdict')),
		};
		const call = node('Call', 'executeWorkflow', { parameters: { workflowId: 'phase' } });
		const decider = (fallbackOutput: string): INode =>
			node('Decide', 'switch', { parameters: { options: { fallbackOutput } } });

		it.each([
			[
				'is followed by a Switch with a wired fallback',
				[call, decider('extra'), ...ends('Go', 'Stop')],
				wire('Start > Call', 'Call > Decide', 'Decide:0 > Go', 'Decide:1 > Stop'),
				[],
			],
			[
				'is followed by something else',
				[call, ...ends('Go')],
				wire('Start > Call', 'Call > Go'),
				['Call: call: is not followed by exactly one Switch on the verdict'],
			],
			[
				'is followed by two nodes',
				[call, decider('extra'), ...ends('Go', 'Stop')],
				wire('Start > Call', 'Call > Decide', 'Call > Go', 'Decide:0 > Go', 'Decide:1 > Stop'),
				['Call: call: is not followed by exactly one Switch on the verdict'],
			],
			[
				'is followed by a Switch without a fallback',
				[call, decider('none'), ...ends('Go', 'Stop')],
				wire('Start > Call', 'Call > Decide', 'Decide:0 > Go', 'Decide:1 > Stop'),
				['Decide: call: has no fallback output for a verdict nobody thought of'],
			],
			[
				'has a fallback that leads nowhere',
				[call, decider('extra'), ...ends('Go')],
				wire('Start > Call', 'Call > Decide', 'Decide:0 > Go'),
				['Decide: output: the output Fallback is not wired'],
			],
		])('%s', (_, nodes, connections, said) => {
			expect(findings(workflow('a', [start, ...nodes], connections), [phase])).toEqual(said);
		});

		it('needs no Switch when nobody waits for it', () => {
			const detached = node('Call', 'executeWorkflow', {
				parameters: { workflowId: 'phase', options: { waitForSubWorkflow: false } },
			});
			expect(findings(after(detached), [phase])).toEqual([]);
		});

		it('names a workflow of the set', () => {
			expect(findings(after(node('Call', 'executeWorkflow', { parameters: { workflowId: 'gone' } })))).toEqual([
				'Call: call: calls "gone", which is no workflow of this set',
			]);
		});
	});
});

describe('the set', () => {
	it('has an error workflow for each, one that exists', () => {
		expect(findings(workflow('a', [start], {}, { settings: { saveExecutionProgress: false } }))).toEqual([
			'(workflow): error-workflow: settings.errorWorkflow is not set: nobody would hear of a failure',
		]);
		expect(findings(workflow('a', [start], {}, { settings: { ...settings, errorWorkflow: 'gone' } }))).toEqual([
			'(workflow): error-workflow: the error workflow gone is no workflow of this set',
		]);
	});

	it.each([true, undefined])('stores no run at every node, as with %p', (saveExecutionProgress) => {
		expect(findings(workflow('a', [start], {}, { settings: { ...settings, saveExecutionProgress } }))).toEqual([
			'(workflow): progress: settings.saveExecutionProgress is not false: n8n would store every run again at every node',
		]);
	});

	it.each(['', 'a-workflow-id-of-22-chars'])('has ids that n8n can store, not "%s"', (id) => {
		expect(findings(workflow(id, [start]))).toEqual([
			`(workflow): id: the workflow id "${id}" must have 1 to 21 characters`,
		]);
	});

	it('has no id twice', () => {
		expect(findings(workflow('a', [start]), [{ file: 'b.json', json: workflow('a', [start]) }])).toEqual([
			'(workflow): id: b.json has the same workflow id',
		]);
		expect(findings(workflow('a', [start, node('Set', 'set', { id: 'Start' })], wire('Start > Set')))).toEqual([
			'Set: id: the node id Start occurs twice',
		]);
	});

	it('has no step key twice, default keys included', () => {
		const recording = (name: string, stepKey?: string): INode => ({
			...gate({ parameters: { recordStep: true, ...(stepKey === undefined ? {} : { stepKey }) } }),
			name,
			id: name,
		});
		const file = (one: INode): Json =>
			workflow(
				'b',
				[start, one, ...ends('End')],
				wire(`Start > ${one.name}`, `${one.name}:0 > End`, `${one.name}:1 > End`, `${one.name}:2 > End`),
			);
		const other = { file: 'b.json', json: file(recording('Second')) };
		expect(findings({ ...file(recording('First')), id: 'a' }, [other])).toEqual([
			'First: step-key: the step key 4.2/error-rate is also that of b.json: Second',
		]);
		expect(findings({ ...file(recording('First', 'watch/error-rate')), id: 'a' }, [other])).toEqual([]);
	});
});
