import path from 'node:path';

type Json = Record<string, unknown>;
interface Script {
	formatWorkflow(json: Json): string;
	normaliseWorkflow(json: Json): Json;
}

let script: Script;
beforeAll(async () => {
	const file: string = path.resolve(__dirname, '..', '..', 'scripts', 'workflows', 'format.mjs');
	script = (await import(file)) as Script;
});

const node = {
	parameters: { b: 1, a: '={{ $json.x }}' },
	type: 't',
	typeVersion: 1,
	position: [0, 20],
	id: 'n1',
	name: 'One',
};
const exported = {
	updatedAt: '2026-11-23T10:00:00Z',
	createdAt: '2026-11-23T10:00:00Z',
	id: 'deployProduction',
	name: 'Deploy production',
	active: true,
	isArchived: false,
	versionId: 'v',
	activeVersionId: 'v',
	versionMetadata: {},
	triggerCount: 2,
	shared: [{ projectId: 'p' }],
	staticData: { 'node:One': {} },
	meta: { instanceId: 'i', templateCredsSetupCompleted: true },
	pinData: { One: [{ json: {} }] },
	tags: [],
	settings: { timezone: 'Etc/UTC', executionOrder: 'v1', errorWorkflow: 'onFailure' },
	nodes: [
		{
			...node,
			notes: '',
			disabled: false,
			onError: 'stopWorkflow',
			credentials: { postgres: { name: 'Production', id: 'production' } },
		},
		{ ...node, id: 'n2', name: 'Two', onError: 'continueRegularOutput', alwaysOutputData: true },
	],
	connections: { Two: { main: [[]] }, One: { main: [[{ index: 0, type: 'main', node: 'Two' }], null, []] } },
};

it('keeps what the workflow is, in a fixed order, and nothing of the instance', () => {
	const { formatWorkflow } = script;
	expect(formatWorkflow(exported)).toBe(
		`${JSON.stringify(
			{
				id: 'deployProduction',
				name: 'Deploy production',
				nodes: [
					{
						id: 'n1',
						name: 'One',
						type: 't',
						typeVersion: 1,
						position: [0, 20],
						parameters: { b: 1, a: '={{ $json.x }}' },
						credentials: { postgres: { id: 'production', name: 'Production' } },
					},
					{
						id: 'n2',
						name: 'Two',
						type: 't',
						typeVersion: 1,
						position: [0, 20],
						parameters: { b: 1, a: '={{ $json.x }}' },
						alwaysOutputData: true,
						onError: 'continueRegularOutput',
					},
				],
				connections: { One: { main: [[{ node: 'Two', type: 'main', index: 0 }]] } },
				settings: { errorWorkflow: 'onFailure', executionOrder: 'v1', timezone: 'Etc/UTC' },
			},
			null,
			2,
		)}\n`,
	);
});

it('changes nothing the second time', () => {
	const once = script.formatWorkflow(exported);
	expect(script.formatWorkflow(JSON.parse(once) as Json)).toBe(once);
});

it('does not change what it was given', () => {
	const before = JSON.stringify(exported);
	script.normaliseWorkflow(exported);
	expect(JSON.stringify(exported)).toBe(before);
});
