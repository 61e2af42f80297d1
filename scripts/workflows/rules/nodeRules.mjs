import { EXECUTE_WORKFLOW, STICKY } from '../describeWorkflow.mjs';

/** Settings by which a node's failure, absence or emptiness leaves through an output as if it had succeeded. */
const LEAKS = [
	{ key: 'onError', leaks: (value) => value !== undefined && value !== 'stopWorkflow' },
	{ key: 'continueOnFail', leaks: (value) => value === true },
	{ key: 'disabled', leaks: (value) => value === true },
	{ key: 'alwaysOutputData', leaks: (value) => value === true },
	{ key: 'retryOnFail', leaks: (value) => value === true },
];

/** Rules about one node at a time. Each yields `{ node, rule, message }`. */
export function* checkNodes(workflow) {
	for (const entry of workflow.nodes) {
		yield* checkType(entry);
		if (entry.node.type === STICKY) continue;
		yield* checkParameters(entry);
		yield* checkLeaks(entry, workflow.json);
		yield* checkOutputs(entry);
		yield* checkNotes(entry, workflow);
	}
}

function* checkType({ node, description, known }) {
	if (node.type.startsWith('CUSTOM.'))
		yield finding(node, 'type', `${node.type} exists only where the package is loaded as a custom extension`);
	else if (!known) yield finding(node, 'type', `no package has the type ${node.type}`);
	else if (!description) yield finding(node, 'type-version', `${node.type} has no version ${node.typeVersion}`);
}

/** n8n drops parameters that a node does not have, without a word. */
function* checkParameters({ node, kept }) {
	if (!kept) return;
	for (const path of droppedKeys(node.parameters ?? {}, kept))
		yield finding(node, 'parameter', `n8n drops the parameter ${path}`);
}

function droppedKeys(raw, kept, path = '') {
	if (Array.isArray(raw))
		return raw.flatMap((entry, index) => droppedKeys(entry, kept?.[index], `${path}[${index}]`));
	if (raw === null || typeof raw !== 'object') return [];
	return Object.entries(raw).flatMap(([key, value]) => {
		const here = path === '' ? key : `${path}.${key}`;
		return kept !== null && typeof kept === 'object' && key in kept ? droppedKeys(value, kept[key], here) : [here];
	});
}

function* checkLeaks({ node, ours }, json) {
	if (!ours && node.type !== EXECUTE_WORKFLOW) return;
	for (const { key, leaks } of LEAKS) {
		if (leaks(node[key]))
			yield finding(
				node,
				'leak',
				`${key} is ${JSON.stringify(node[key])}: what was not done would leave as if it had been`,
			);
	}
	if (json.pinData?.[node.name] !== undefined) yield finding(node, 'leak', 'has pinned data');
}

function* checkOutputs({ node, ours, outputs, targets }) {
	if (!ours || outputs.length < 2) return;
	for (const [index, name] of outputs.entries()) {
		if ((targets[index] ?? []).length === 0) yield finding(node, 'output', `the output ${name} is not wired`);
	}
}

function* checkNotes({ node }, { nodes }) {
	if ((node.notes ?? '').trim() !== '') return;
	const covered = nodes.some((sticky) => sticky.node.type === STICKY && covers(sticky.node, node));
	if (!covered)
		yield finding(node, 'notes', 'names no runbook step, neither in its notes nor by a sticky note around it');
}

function covers(
	{ position: [left, top], parameters: { width = 240, height = 160, content = '' } = {} },
	{ position: [x, y] },
) {
	return content.trim() !== '' && x >= left && x <= left + Number(width) && y >= top && y <= top + Number(height);
}

function finding(node, rule, message) {
	return { node: node.name, rule, message };
}
