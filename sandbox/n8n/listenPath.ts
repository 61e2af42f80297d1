import type { WorkflowNode } from './readWorkflows.ts';

/**
 * Where a webhook or form trigger takes requests, behind `/webhook/` or `/form/`. Undefined for every other node; one that
 * waits in the middle of a workflow has its address only while it waits.
 */
export function listenPath({ type, disabled, parameters }: WorkflowNode): string | undefined {
	if (disabled || !/(trigger|webhook)$/i.test(type)) return undefined;
	const options = parameters['options'] as { readonly path?: unknown } | undefined;
	const path = parameters['path'] ?? options?.path;
	return typeof path === 'string' && path !== '' && !path.startsWith('=') ? path : undefined;
}
