import { EXECUTE_WORKFLOW, STICKY, SUB_WORKFLOW_TRIGGER, isTrigger } from '../describeWorkflow.mjs';

const SWITCH = 'n8n-nodes-base.switch';
const LAST_NODE = 'Return verdict';

/** Rules about how the nodes of one workflow hang together, and about whom it calls. */
export function* checkGraph(workflow, set, { isConfiguration }) {
	yield* checkWires(workflow);
	yield* checkReachable(workflow);
	if (isSubWorkflow(workflow) && !isConfiguration) yield* checkEnd(workflow);
	for (const entry of workflow.nodes.filter(({ node }) => node.type === EXECUTE_WORKFLOW))
		yield* checkCall(entry, workflow, set);
}

function* checkWires({ json, byName }) {
	for (const [name, types] of Object.entries(json.connections)) {
		if (!byName.has(name)) yield { node: name, rule: 'connection', message: 'is wired but does not exist' };
		for (const target of Object.values(types).flat(2)) {
			if (target && !byName.has(target.node))
				yield { node: name, rule: 'connection', message: `leads to ${target.node}, which does not exist` };
		}
	}
}

function* checkReachable(workflow) {
	const reached = new Set();
	const queue = workflow.nodes.filter(isTrigger).map(({ node }) => node.name);
	if (queue.length === 0)
		yield { node: '(workflow)', rule: 'unreachable', message: 'nothing starts this workflow: it has no trigger' };
	while (queue.length > 0) {
		const name = queue.pop();
		if (reached.has(name)) continue;
		reached.add(name);
		queue.push(...(workflow.byName.get(name)?.targets.flat() ?? []));
	}
	for (const { node } of workflow.nodes) {
		if (node.type !== STICKY && !reached.has(node.name))
			yield { node: node.name, rule: 'unreachable', message: 'no trigger leads here' };
	}
}

function isSubWorkflow({ nodes }) {
	return nodes.some(({ node }) => node.type === SUB_WORKFLOW_TRIGGER);
}

/** The caller gets the items of whichever node ran last, so every branch must come together in one, unless no item leaves it. */
function* checkEnd({ nodes }) {
	const ends = nodes
		.filter(({ node, targets }) => node.type !== STICKY && targets.flat().length === 0)
		.filter(({ ours, kept }) => !(ours && kept?.operation === 'registerPlan'))
		.map(({ node }) => node.name);
	for (const name of ends.filter((end) => end !== LAST_NODE))
		yield {
			node: name,
			rule: 'end',
			message: `a branch ends here; every branch of a sub-workflow ends in "${LAST_NODE}"`,
		};
	if (!ends.includes(LAST_NODE))
		yield { node: '(workflow)', rule: 'end', message: `has no last node "${LAST_NODE}"` };
}

function* checkCall({ node, kept, targets }, { byName }, set) {
	const id = kept?.workflowId?.value ?? kept?.workflowId;
	const called = set.find(({ json }) => json.id === id);
	if (!called)
		yield {
			node: node.name,
			rule: 'call',
			message: `calls ${JSON.stringify(id)}, which is no workflow of this set`,
		};
	const returnsVerdict = called?.byName.has(LAST_NODE) === true && kept?.options?.waitForSubWorkflow !== false;
	if (!returnsVerdict) return;
	const followers = targets.flat().map((name) => byName.get(name));
	if (followers.length !== 1 || followers[0]?.node.type !== SWITCH) {
		yield { node: node.name, rule: 'call', message: 'is not followed by exactly one Switch on the verdict' };
		return;
	}
	const [{ node: decider, kept: settings, outputs, targets: branches }] = followers;
	if (settings?.options?.fallbackOutput !== 'extra')
		yield { node: decider.name, rule: 'call', message: 'has no fallback output for a verdict nobody thought of' };
	for (const [index, name] of outputs.entries()) {
		if ((branches[index] ?? []).length === 0)
			yield { node: decider.name, rule: 'output', message: `the output ${name} is not wired` };
	}
}
