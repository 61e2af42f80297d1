import type { Workflow, WorkflowNode } from './readWorkflows.ts';

/** Callees before callers: n8n publishes a caller only when what it calls is published. */
export function orderWorkflows(workflows: readonly Workflow[]): Workflow[] {
	const byId = new Map(workflows.map((workflow) => [workflow.id, workflow]));
	const ordered = new Set<Workflow>();
	const visited = new Set<Workflow>();
	function add(workflow: Workflow): void {
		if (visited.has(workflow)) return;
		visited.add(workflow);
		for (const node of workflow.nodes) {
			const callee = byId.get(calledWorkflow(node) ?? '');
			if (callee) add(callee);
		}
		ordered.add(workflow);
	}
	workflows.forEach(add);
	return [...ordered];
}

/** The id of the workflow that the node calls; undefined for a node that calls none, or one that an expression names. */
export function calledWorkflow({ parameters }: WorkflowNode): string | undefined {
	const reference = parameters['workflowId'] as { readonly value?: unknown } | undefined;
	const id = reference?.value;
	return typeof id === 'string' && !id.startsWith('=') ? id : undefined;
}
