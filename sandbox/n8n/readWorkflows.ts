import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProductionEndpoints } from '../production.ts';
import { adaptSettings } from './adaptSettings.ts';
import { orderWorkflows } from './orderWorkflows.ts';
import { renameWorkflow } from './renameWorkflow.ts';

export interface WorkflowNode {
	readonly name: string;
	readonly type: string;
	readonly disabled?: boolean;
	/** Only nodes that listen for requests have one. */
	readonly webhookId?: string;
	readonly parameters: Readonly<Record<string, unknown>>;
	readonly credentials?: Readonly<Record<string, { readonly id: string; readonly name: string }>>;
}

export interface Workflow {
	readonly id: string;
	readonly name: string;
	readonly nodes: readonly WorkflowNode[];
	readonly settings: Readonly<Record<string, unknown>> & { readonly errorWorkflow?: string };
	readonly [key: string]: unknown;
}

/** What the settings of the workflows are adapted to. */
export interface SandboxAddresses {
	readonly endpoints: ProductionEndpoints;
	readonly n8nUrl: string;
	/** Production is looked at as seldom as by the exported workflows; every few seconds unless said. */
	readonly calm?: boolean | undefined;
}

/**
 * The exported workflows, callees first, with the addresses of the sandbox in their configuration: one set for each
 * environment, besides production's under ids, titles and paths of its own.
 */
export async function readWorkflows(folder: string, addresses: SandboxAddresses): Promise<Workflow[]> {
	const files = (await readdir(folder)).filter((file) => file.endsWith('.json')).sort();
	const exported = await Promise.all(
		files.map(async (file) => JSON.parse(await readFile(join(folder, file), 'utf8')) as Workflow),
	);
	const ordered = orderWorkflows(exported);
	return Object.values(addresses.endpoints.environments).flatMap((environment) =>
		ordered.map((workflow) =>
			renameWorkflow(adaptSettings(workflow, { ...addresses, environment }), environment.name),
		),
	);
}
