import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

// n8n reads these while it loads; nothing of a user's own n8n may be touched or needed.
process.env.N8N_USER_FOLDER ??= mkdtempSync(path.join(tmpdir(), 'runbook-workflows-'));
process.env.N8N_ENCRYPTION_KEY ??= 'workflow-tests';
process.env.N8N_DIAGNOSTICS_ENABLED ??= 'false';
process.env.N8N_LOG_LEVEL ??= 'silent';

import 'reflect-metadata';
import { Container } from '@n8n/di';
import { InstanceSettings, LazyPackageDirectoryLoader, PackageDirectoryLoader, type DirectoryLoader } from 'n8n-core';
import {
	Node,
	NodeHelpers,
	type ICredentialType,
	type IExecuteFunctions,
	type INodeType,
	type INodeTypes,
	type IVersionedNodeType,
} from 'n8n-workflow';

const REPOSITORY = path.resolve(__dirname, '..', '..');

/** What a test puts in the place of a node's execute(); undefined leaves the real one. */
export type ReplaceExecute = (workflowId: string, nodeName: string) => INodeType['execute'] | undefined;

/** The node types of n8n itself, and of this package's build when asked for. */
export interface Engine {
	nodeTypes(replace: ReplaceExecute): INodeTypes;
	credentialType(name: string): ICredentialType;
}

/** Loads the real node types, as n8n does at its start. `withPackage` needs `npm run build` to have run. */
export async function loadEngine({ withPackage }: { withPackage: boolean }): Promise<Engine> {
	Container.get(InstanceSettings);
	const base = new LazyPackageDirectoryLoader(
		path.join(process.env.RUNBOOK_RUNTIME ?? '', 'node_modules', 'n8n-nodes-base'),
	);
	const loaders: DirectoryLoader[] = [base, ...(withPackage ? [new PackageDirectoryLoader(REPOSITORY)] : [])];
	for (const loader of loaders) await loader.loadAll();
	return {
		nodeTypes: (replace) => nodeTypesOf(loaders, replace),
		credentialType: (name) => {
			for (const loader of loaders) {
				try {
					return loader.getCredential(name).type;
				} catch {
					// The next package may have it.
				}
			}
			throw new Error(`no package has the credential type ${name}`);
		},
	};
}

function nodeTypesOf(loaders: readonly DirectoryLoader[], replace: ReplaceExecute): INodeTypes {
	const find = (type: string): INodeType | IVersionedNodeType => {
		const dot = type.lastIndexOf('.');
		const loader = loaders.find(({ packageName }) => packageName === type.slice(0, dot));
		if (!loader) throw new Error(`no package has the node type ${type}`);
		return loader.getNode(type.slice(dot + 1)).type;
	};
	return {
		getByName: find,
		getByNameAndVersion: (type, version) =>
			replaceable(NodeHelpers.getVersionedNodeType(find(type), version), replace),
		getKnownTypes: () => ({}),
	};
}

/** The same node type, whose execute() asks first whether the test replaced it. */
function replaceable(type: INodeType, replace: ReplaceExecute): INodeType {
	if (!type.execute) return type;
	const real = type.execute;
	const choose = (context: IExecuteFunctions): INodeType['execute'] =>
		replace(context.getWorkflow().id ?? '', context.getNode().name);
	// n8n hands the context to class-style nodes (Wait) as an argument, and to all others as `this`.
	const execute =
		type instanceof Node
			? async function (this: unknown, context: IExecuteFunctions): Promise<unknown> {
					const replaced = choose(context);
					return await (replaced ? replaced.call(context) : type.execute?.(context));
				}
			: async function (this: IExecuteFunctions, response?: unknown): Promise<unknown> {
					return await (choose(this) ?? real).call(this, response as never);
				};
	// Node classes keep state in fields and private helpers on their prototype: both stay reachable.
	return Object.assign(Object.create(type) as INodeType, { execute });
}
