import { STICKY } from './describeWorkflow.mjs';

/** workflows/README.md: what each exported workflow does, as a graph and a table. `set`: what describeWorkflow gives, per file. */
export function documentWorkflows(set) {
	return [
		'# The workflows of the runbook',
		'',
		'One file a procedure. Written by `npm run docs` from the exported files; edit the workflow in the n8n editor, not this page.',
		'',
		...set.map(({ file, json }) => `- [${json.name}](#${anchor(json.name)}) · \`${file}\``),
		'',
		...set.flatMap((workflow) => documentWorkflow(workflow)),
	].join('\n');
}

function documentWorkflow({ file, json, nodes }) {
	const steps = inRunningOrder(nodes.filter(({ node }) => node.type !== STICKY));
	return [
		`## ${json.name}`,
		'',
		`\`${file}\`, id \`${json.id}\`${json.settings?.errorWorkflow ? `, failures go to \`${json.settings.errorWorkflow}\`` : ''}`,
		'',
		'```mermaid',
		'flowchart LR',
		...steps.map(({ node }, index) => `  n${index}["${label(node.name)}"]`),
		...steps.flatMap((entry, index) => edges(entry, index, steps)),
		'```',
		'',
		'| Node | Type | Step | Notes |',
		'| --- | --- | --- | --- |',
		...steps.map(
			(entry) =>
				`| ${cell(entry.node.name)} | ${cell(typeOf(entry))} | ${cell(stepKey(entry))} | ${cell(entry.node.notes ?? '')} |`,
		),
		'',
	];
}

/** Triggers first, then breadth first along the wires; what nothing leads to comes last. */
function inRunningOrder(steps) {
	const incoming = new Set(steps.flatMap(({ targets }) => targets.flat()));
	const order = new Set();
	const queue = steps.filter(({ node }) => !incoming.has(node.name)).map(({ node }) => node.name);
	while (queue.length > 0) {
		const name = queue.shift();
		const step = steps.find(({ node }) => node.name === name);
		if (!step || order.has(step)) continue;
		order.add(step);
		queue.push(...step.targets.flat());
	}
	return [...order, ...steps.filter((step) => !order.has(step))];
}

function edges({ outputs, targets }, from, steps) {
	return targets.flatMap((names, output) => {
		const wire = outputs.length > 1 ? `-- "${label(outputs[output] ?? String(output))}" -->` : '-->';
		return names.map((name) => `  n${from} ${wire} n${steps.findIndex(({ node }) => node.name === name)}`);
	});
}

function typeOf({ node, kept }) {
	const name = node.type.split('.').at(-1);
	return typeof kept?.operation === 'string' && kept.operation !== '' ? `${name}: ${kept.operation}` : name;
}

function stepKey({ ours, kept }) {
	return ours && kept?.recordStep === true && kept.stepKey !== undefined ? `\`${kept.stepKey}\`` : '';
}

function label(text) {
	return text.replaceAll('"', '#quot;');
}

function cell(text) {
	return text.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|').trim();
}

/** The anchor that Markdown renderers give a heading. */
function anchor(heading) {
	return heading
		.toLowerCase()
		.replaceAll(/[^\w\s-]/g, '')
		.replaceAll(/\s/g, '-');
}
