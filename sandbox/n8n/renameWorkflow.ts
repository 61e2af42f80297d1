import { createHash } from 'node:crypto';
import { idIn, pathIn, production, titleIn } from '../environments.ts';
import { calledWorkflow } from './orderWorkflows.ts';
import { listenPath } from './listenPath.ts';
import type { Workflow, WorkflowNode } from './readWorkflows.ts';

/** The workflow as one of an environment besides production: whatever n8n may know only once is called after the environment. */
export function renameWorkflow(workflow: Workflow, environment: string): Workflow {
	if (environment === production) return workflow;
	const { errorWorkflow } = workflow.settings;
	return {
		...workflow,
		id: idIn(environment, workflow.id),
		name: titleIn(environment, workflow.name),
		nodes: workflow.nodes.map((node) => renameNode(node, environment)),
		settings: {
			...workflow.settings,
			...(errorWorkflow === undefined ? {} : { errorWorkflow: idIn(environment, errorWorkflow) }),
		},
	};
}

function renameNode(node: WorkflowNode, environment: string): WorkflowNode {
	const { webhookId, credentials } = node;
	return {
		...node,
		parameters: renameParameters(node, environment),
		...(webhookId === undefined ? {} : { webhookId: uuidOf(`${environment}/${webhookId}`) }),
		...(credentials === undefined ? {} : { credentials: renameCredentials(credentials, environment) }),
	};
}

function renameParameters(node: WorkflowNode, environment: string): WorkflowNode['parameters'] {
	const { parameters } = node;
	const callee = calledWorkflow(node);
	if (callee !== undefined) {
		const reference = parameters['workflowId'] as object;
		return { ...parameters, workflowId: { ...reference, value: idIn(environment, callee) } };
	}
	const phases = parameters['phaseWorkflows'];
	if (typeof phases === 'string')
		return {
			...parameters,
			phaseWorkflows: phases
				.split(', ')
				.map((id) => idIn(environment, id))
				.join(', '),
		};
	const path = listenPath(node);
	if (path === undefined) return parameters;
	const renamed = pathIn(environment, path);
	if (parameters['path'] !== undefined) return { ...parameters, path: renamed };
	return { ...parameters, options: { ...(parameters['options'] as object), path: renamed } };
}

function renameCredentials(
	credentials: NonNullable<WorkflowNode['credentials']>,
	environment: string,
): NonNullable<WorkflowNode['credentials']> {
	return Object.fromEntries(
		Object.entries(credentials).map(([type, { id, name }]) => [
			type,
			{ id: idIn(environment, id), name: titleIn(environment, name) },
		]),
	);
}

/** The same text gives the same UUID. */
function uuidOf(text: string): string {
	const hash = createHash('sha256').update(text).digest('hex');
	return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-5${hash.slice(13, 16)}-8${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
}
