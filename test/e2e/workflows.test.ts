import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { world } from './world';

interface Workflow {
	readonly id: string;
	readonly nodes: ReadonlyArray<{ readonly name: string; readonly parameters: Record<string, unknown> }>;
}

const FOLDER = join(__dirname, '..', '..', 'workflows');
const files = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));

/** What n8n says on every import, whatever is imported. */
const USUAL = [
	/Postgres 15 is not supported/,
	/^Acquiring database migration lock/,
	/^Importing \d+ workflows\.\.\.$/,
	/^Successfully imported/,
];

describe('the exported workflows', () => {
	test('import into n8n without a warning', () => {
		const lines = world()
			.n8n.importOutput.split('\n')
			.map((line) => line.trim());
		expect(lines.filter((line) => line !== '' && !USUAL.some((usual) => usual.test(line)))).toEqual([]);
		expect(world().n8n.importOutput).toContain(`Successfully imported ${String(files.length)} workflows.`);
	});

	test.each(files)('%s is the same bytes after import, export and normalising', async (file) => {
		const { formatWorkflow } = (await import('../../scripts/workflows/normaliseWorkflow.mjs')) as {
			formatWorkflow: (workflow: unknown) => string;
		};
		const text = readFileSync(join(FOLDER, file), 'utf8');
		const source = JSON.parse(text) as Workflow;
		const all = JSON.parse(readFileSync(world().n8n.exportedFile, 'utf8')) as readonly Workflow[];
		const exported = all.find(({ id }) => id === source.id);
		if (!exported) throw new Error(`n8n did not export ${source.id}`);
		expect(formatWorkflow(withoutAdaptation(exported, source))).toBe(text);
	});
});

/** The parameter that the sandbox adapts, by workflow: the settings, and how often the watch looks. */
const ADAPTED: Readonly<Record<string, { readonly node: string; readonly parameter: string }>> = {
	configuration: { node: 'Settings', parameter: 'jsonOutput' },
	'watch-production': { node: 'Every 15 seconds', parameter: 'rule' },
};

/** The workflow with the source's value of what the sandbox adapts; everything else must be as it was. */
function withoutAdaptation(workflow: Workflow, { nodes }: Workflow): Workflow {
	const adapted = ADAPTED[workflow.id];
	if (!adapted) return workflow;
	const { node: name, parameter } = adapted;
	const value = nodes.find((node) => node.name === name)?.parameters[parameter];
	const restore = (node: Workflow['nodes'][number]): Workflow['nodes'][number] =>
		node.name === name ? { ...node, parameters: { ...node.parameters, [parameter]: value } } : node;
	return { ...workflow, nodes: workflow.nodes.map(restore) };
}
