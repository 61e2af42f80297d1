import { createRequire } from 'node:module';
import { PACKAGE } from './loadNodeTypes.mjs';

// n8n-workflow's ES module build leaves out file extensions, which Node does not forgive.
const { NodeHelpers, Workflow } = createRequire(import.meta.url)('n8n-workflow');

export const STICKY = 'n8n-nodes-base.stickyNote';
export const EXECUTE_WORKFLOW = 'n8n-nodes-base.executeWorkflow';
export const SUB_WORKFLOW_TRIGGER = 'n8n-nodes-base.executeWorkflowTrigger';

/**
 * What the rules need to know of one workflow file: its nodes with their real type, the parameters that n8n keeps of them,
 * their outputs, and who is wired to whom. A node of an unknown type or version has `description: undefined`.
 */
export function describeWorkflow({ file, json }, findType) {
	const types = new Map(json.nodes.map((node) => [node, versionOf(findType(node.type), node.typeVersion)]));
	const resolvable = json.nodes.filter((node) => types.get(node));
	const workflow = new Workflow({
		id: json.id,
		nodes: structuredClone(resolvable),
		connections: json.connections,
		active: false,
		nodeTypes: {
			getByNameAndVersion: (type, version) => versionOf(findType(type), version),
			getByName: findType,
			getKnownTypes: () => ({}),
		},
	});
	const nodes = json.nodes.map((node) => {
		const description = types.get(node)?.description;
		const kept =
			description &&
			(NodeHelpers.getNodeParameters(
				description.properties,
				node.parameters ?? {},
				true,
				false,
				node,
				description,
			) ??
				{});
		const outputs = description ? outputsOf(workflow, node, description) : [];
		return {
			node,
			description,
			kept,
			outputs,
			targets: targetsOf(json, node.name),
			ours: node.type.startsWith(`${PACKAGE}.`),
			known: findType(node.type) !== undefined,
		};
	});
	return { file, json, nodes, byName: new Map(nodes.map((entry) => [entry.node.name, entry])) };
}

/** True when something outside starts the workflow at this node. */
export function isTrigger({ node, description }) {
	return description?.group?.includes('trigger') === true || /(trigger|webhook)$/i.test(node.type);
}

function versionOf(type, version) {
	if (!type) return undefined;
	if (type.nodeVersions) return type.nodeVersions[version];
	return [type.description.version].flat().includes(version) ? type : undefined;
}

/** The names of a node's outputs as the editor shows them. */
function outputsOf(workflow, node, description) {
	const own = workflow.getNode(node.name);
	const outputs = NodeHelpers.getNodeOutputs(workflow, own, description).filter(
		(output) => (output.type ?? output) === 'main',
	);
	return outputs.map((output, index) => output.displayName ?? description.outputNames?.[index] ?? String(index));
}

/** Per output, the names of the nodes wired to it. */
function targetsOf({ connections }, name) {
	return (connections[name]?.main ?? []).map((targets) => (targets ?? []).map((target) => target.node));
}
