import type { INode, Workflow } from 'n8n-workflow';
import { stepHash } from '../../lib/release/stepHash';
import type { Json } from '../../lib/release/model';
import type { PlanPart } from '../../lib/release/ledger';
import { parameterErrors } from '../../lib/support/errors';
import type { ParameterReader } from './operation';

/** What decides what a node does; where it stands on the canvas and what its note says does not. */
const DECIDING = [
	'name',
	'type',
	'typeVersion',
	'parameters',
	'disabled',
	'credentials',
	'onError',
	'retryOnFail',
	'executeOnce',
	'alwaysOutputData',
] as const;
const STICKY_NOTE = 'n8n-nodes-base.stickyNote';

/**
 * The running workflow as one part of a release's plan: a hash over its nodes and wires. n8n hands the workflow to every node at run
 * time, though not in its published types. @throws RunbookError PARAMETER.WORKFLOW_UNSEEN when this n8n does not
 */
export function workflowPart(context: Pick<ParameterReader, 'getNode'>): PlanPart {
	const { workflow } = context as { readonly workflow?: Workflow };
	if (!workflow?.nodes || !workflow.connectionsBySourceNode) throw parameterErrors.WORKFLOW_UNSEEN();
	const nodes = Object.values(workflow.nodes)
		.filter(({ type }) => type !== STICKY_NOTE)
		.map(deciding)
		.sort((a, b) => (a.name < b.name ? -1 : 1));
	const plan = { nodes, connections: workflow.connectionsBySourceNode };
	return { part: `workflow/${workflow.id}`, hash: stepHash(plain(plan)) };
}

function deciding(node: INode): Readonly<Record<string, unknown>> & { readonly name: string } {
	return { ...Object.fromEntries(DECIDING.map((field) => [field, node[field]])), name: node.name };
}

/** Without undefined and without n8n's getters. */
function plain(value: unknown): Json {
	return JSON.parse(JSON.stringify(value)) as Json;
}
