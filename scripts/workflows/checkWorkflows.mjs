import { describeWorkflow } from './describeWorkflow.mjs';
import { checkGraph } from './rules/graphRules.mjs';
import { checkNodes } from './rules/nodeRules.mjs';
import { checkSet } from './rules/setRules.mjs';
import { checkValues } from './rules/valueRules.mjs';

/**
 * Everything that is wrong with a set of exported workflows.
 * `files`: `[{ file, json }]`; `findType`: node type name → n8n node type, or undefined. Gives `[{ file, node, rule, message }]`.
 */
export function checkWorkflows(files, findType) {
	const set = files.map((file) => describeWorkflow(file, findType));
	return set.flatMap((workflow) => {
		const role = {
			isConfiguration: workflow.file === 'configuration.json',
			isErrorWorkflow: workflow.nodes.some(({ node }) => node.type === 'n8n-nodes-base.errorTrigger'),
		};
		const findings = [
			...checkNodes(workflow),
			...checkValues(workflow, role),
			...checkGraph(workflow, set, role),
			...checkSet(workflow, set, role),
		];
		return findings.map((finding) => ({ file: workflow.file, ...finding }));
	});
}
