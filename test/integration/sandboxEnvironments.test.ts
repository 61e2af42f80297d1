import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { sandboxEndpoints } from '../support/sandboxEndpoints';

interface Node {
	readonly name: string;
	readonly webhookId?: string;
	readonly parameters: Readonly<Record<string, unknown>>;
	readonly credentials?: Readonly<Record<string, { readonly id: string; readonly name: string }>>;
}

interface Workflow {
	readonly id: string;
	readonly name: string;
	readonly nodes: readonly Node[];
	readonly settings: { readonly errorWorkflow?: string };
}

interface Environment {
	readonly name: string;
	readonly webhookPath: string;
}

const FOLDER = path.resolve(__dirname, '..', '..', 'workflows');
const SANDBOX = '../../sandbox';
const NAMES = ['production', 'east', 'farther-w'];

let sets: Workflow[][];
let credentials: ReadonlyArray<{ readonly id: string; readonly name: string }>;
let environments: Environment[];
let checkEnvironments: (names?: readonly string[]) => readonly string[];

/** The endpoints as a sandbox with more environments gives them. */
async function describeEndpoints(): Promise<unknown> {
	const { services, databases, ...rest } = sandboxEndpoints();
	const { describeEnvironment } = (await import(`${SANDBOX}/environments.ts`)) as {
		describeEnvironment(
			name: string,
			parts: { applications: Map<string, unknown>; services: Map<string, unknown> },
		): Environment;
	};
	const parts = {
		applications: new Map(NAMES.map((name) => [name, { ...databases.production, database: name }])),
		services: new Map(NAMES.map((name) => [name, services])),
	};
	environments = NAMES.map((name) => describeEnvironment(name, parts));
	return {
		...rest,
		services,
		databases,
		environments: Object.fromEntries(environments.map((environment) => [environment.name, environment])),
	};
}

beforeAll(async () => {
	const endpoints = await describeEndpoints();
	const { readWorkflows } = (await import(`${SANDBOX}/n8n/readWorkflows.ts`)) as {
		readWorkflows(folder: string, addresses: { endpoints: unknown; n8nUrl: string }): Promise<Workflow[]>;
	};
	const { createCredentials } = (await import(`${SANDBOX}/n8n/createCredentials.ts`)) as {
		createCredentials(endpoints: unknown, secrets: Record<string, string>): typeof credentials;
	};
	({ checkEnvironments } = (await import(`${SANDBOX}/environments.ts`)) as {
		checkEnvironments: typeof checkEnvironments;
	});
	const all = await readWorkflows(FOLDER, { endpoints, n8nUrl: 'http://127.0.0.1:5678' });
	const size = all.length / NAMES.length;
	sets = NAMES.map((_, index) => all.slice(index * size, (index + 1) * size));
	credentials = createCredentials(endpoints, { webhook: 'whsec_test', approvalLinks: 'x'.repeat(32) });
});

const calledBy = ({ parameters }: Node): string | undefined =>
	(parameters['workflowId'] as { value?: string } | undefined)?.value;

/** The workflows whose plans belong to a release. */
const plannedBy = ({ parameters }: Node): string[] => {
	const phases = parameters['phaseWorkflows'];
	return typeof phases === 'string' ? phases.split(', ') : [];
};

/** Where the nodes of a set listen: paths of webhooks and forms. */
function pathsOf(set: readonly Workflow[]): string[] {
	return set
		.flatMap(({ nodes }) => nodes)
		.filter(({ webhookId }) => webhookId !== undefined)
		.map(({ parameters }) => parameters['path'] ?? (parameters['options'] as { path?: string } | undefined)?.path)
		.filter((one) => typeof one === 'string');
}

function withoutSchedule(workflow: Workflow): Workflow {
	if (workflow.id !== 'watch-production') return workflow;
	const nodes = workflow.nodes.map((node) => (node.name === 'Every 15 seconds' ? { ...node, parameters: {} } : node));
	return { ...workflow, nodes };
}

describe('the workflows of several environments', () => {
	test("leave production's as they are exported, except for the settings and how often the watch looks", () => {
		const exported = readdirSync(FOLDER)
			.filter((file) => file.endsWith('.json'))
			.map((file) => JSON.parse(readFileSync(path.join(FOLDER, file), 'utf8')) as Workflow)
			.filter(({ id }) => id !== 'configuration');
		const own = sets[0]?.filter(({ id }) => id !== 'configuration') ?? [];
		const byId = (a: Workflow, b: Workflow): number => a.id.localeCompare(b.id);
		const plain = (workflows: readonly Workflow[]): Workflow[] => workflows.map(withoutSchedule).toSorted(byId);
		expect(plain(own)).toEqual(plain(exported));
	});

	test('have ids that n8n takes, and share none, nor a title, webhook or path', () => {
		const all = sets.flat();
		const nodes = all.flatMap(({ nodes }) => nodes);
		for (const values of [
			all.map(({ id }) => id),
			all.map(({ name }) => name),
			credentials.map(({ id }) => id),
			nodes.flatMap(({ webhookId }) => webhookId ?? []),
			sets.flatMap(pathsOf),
		]) {
			expect(values.filter((value, index) => values.indexOf(value) !== index)).toEqual([]);
		}
		const ids = [...all, ...credentials].map(({ id }) => id);
		expect(ids.filter((id) => id.length > 21)).toEqual([]);
	});

	test('refer to their own set alone, callees first', () => {
		const exported = readdirSync(FOLDER).filter((file) => file.endsWith('.json'));
		expect(sets.map((set) => set.length)).toEqual(NAMES.map(() => exported.length));
		for (const set of sets) {
			const ids = set.map(({ id }) => id);
			// The four phases of a release, and the two that a contract release goes through.
			expect(set.flatMap(({ nodes }) => nodes.flatMap(plannedBy))).toHaveLength(6);
			for (const [index, { nodes, settings }] of set.entries()) {
				for (const callee of nodes.flatMap((node) => calledBy(node) ?? []))
					expect(ids.slice(0, index)).toContain(callee);
				if (settings.errorWorkflow !== undefined) expect(ids).toContain(settings.errorWorkflow);
				for (const planned of nodes.flatMap(plannedBy)) expect(ids).toContain(planned);
			}
		}
	});

	test('name credentials that the sandbox creates', () => {
		const known = new Map(credentials.map(({ id, name }) => [id, name]));
		const named = sets
			.flat()
			.flatMap(({ nodes }) => nodes)
			.flatMap((node) => Object.values(node.credentials ?? {}));
		expect(named.filter(({ id, name }) => known.get(id) !== name)).toEqual([]);
	});

	test('are configured for their environment, and listen where it says', () => {
		for (const [index, { name, webhookPath }] of environments.entries()) {
			const settings = sets[index]
				?.flatMap(({ nodes }) => nodes)
				.find((node) => node.name === 'Settings' && node.parameters['jsonOutput'] !== undefined);
			expect(JSON.parse(String(settings?.parameters['jsonOutput']))).toMatchObject({
				environment: name,
				namespace: name,
				backup: { prefix: `${name}/` },
			});
			expect(pathsOf(sets[index] ?? [])).toContain(webhookPath);
		}
		expect(environments[0]?.webhookPath).toBe('deploy/production');
	});

	test.each([
		[['east'], 'production among them'],
		[['production', 'east', 'east'], 'named twice'],
		[['production', 'East'], '"East"'],
		[['production', 'a-name-too-long'], '"a-name-too-long"'],
		[['production', 'east-'], '"east-"'],
	])('cannot be %j', (names, message) => {
		expect(() => checkEnvironments(names)).toThrow(message);
	});
});
