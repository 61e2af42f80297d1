/** n8n's column for workflow ids. */
const MAX_ID_LENGTH = 21;

/** Rules about ids, what n8n stores of a run (ADR 40), the error workflow, and what must be unique in one file or in the whole set. */
export function* checkSet(workflow, set, { isConfiguration, isErrorWorkflow }) {
	const { json } = workflow;
	yield* checkWorkflowId(workflow, set);
	yield* checkNodeIds(json);
	yield* checkStepKeys(workflow, set);
	if (json.settings?.saveExecutionProgress !== false)
		yield about(
			'progress',
			'settings.saveExecutionProgress is not false: n8n would store every run again at every node',
		);
	if (isConfiguration || isErrorWorkflow) return;
	const target = json.settings?.errorWorkflow;
	if (target === undefined)
		yield about('error-workflow', 'settings.errorWorkflow is not set: nobody would hear of a failure');
	else if (!set.some((other) => other.json.id === target))
		yield about('error-workflow', `the error workflow ${target} is no workflow of this set`);
}

function* checkWorkflowId({ file, json }, set) {
	if (typeof json.id !== 'string' || json.id === '' || json.id.length > MAX_ID_LENGTH) {
		yield about('id', `the workflow id ${JSON.stringify(json.id)} must have 1 to ${MAX_ID_LENGTH} characters`);
	}
	for (const other of set.filter((one) => one.file !== file && one.json.id === json.id))
		yield about('id', `${other.file} has the same workflow id`);
}

function* checkNodeIds({ nodes }) {
	for (const key of ['id', 'name']) {
		for (const [value, index] of duplicates(nodes.map((node) => node[key])))
			yield { node: nodes[index].name, rule: 'id', message: `the node ${key} ${value} occurs twice` };
	}
	for (const node of nodes) {
		if (typeof node.id !== 'string' || node.id === '')
			yield { node: node.name, rule: 'id', message: 'has no fixed node id' };
	}
}

/** Two nodes that record under one key would answer for each other. */
function* checkStepKeys(workflow, set) {
	for (const { node, key } of stepKeys(workflow)) {
		const others = set.flatMap((other) => stepKeys(other).map((entry) => ({ ...entry, file: other.file })));
		const same = others.filter(
			(entry) => entry.key === key && !(entry.file === workflow.file && entry.node === node),
		);
		if (same.length > 0)
			yield {
				node,
				rule: 'step-key',
				message: `the step key ${key} is also that of ${same.map((one) => `${one.file}: ${one.node}`).join(', ')}`,
			};
	}
}

function stepKeys({ nodes }) {
	return nodes
		.filter(({ ours, kept }) => ours && kept?.stepKey !== undefined && kept.recordStep === true)
		.map(({ node, kept }) => ({ node: node.name, key: kept.stepKey }));
}

function duplicates(values) {
	return values.map((value, index) => [value, index]).filter(([value, index]) => values.indexOf(value) !== index);
}

function about(rule, message) {
	return { node: '(workflow)', rule, message };
}
