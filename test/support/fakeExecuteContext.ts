import { Readable } from 'node:stream';
import type {
	ICredentialDataDecryptedObject,
	IExecuteFunctions,
	INode,
	INodeExecutionData,
	Workflow,
} from 'n8n-workflow';

export interface FakeExecution {
	/** Node parameters by name; a function is asked with the item's index. */
	readonly parameters: Readonly<Record<string, unknown>>;
	/** Input items; one empty item when absent. */
	readonly items?: readonly INodeExecutionData[];
	/** Decrypted credentials by type; asking for another fails as n8n does. */
	readonly credentials?: Readonly<Record<string, ICredentialDataDecryptedObject>>;
	/** What n8n keeps outside of the items, by id. Absent: nothing. */
	readonly binaries?: Readonly<Record<string, Uint8Array>>;
	/** n8n's "On Error: Continue". */
	readonly continueOnFail?: boolean;
	readonly cancelSignal?: AbortSignal;
	readonly mode?: 'manual' | 'trigger' | 'webhook' | 'integrated';
	/** The workflow that runs, as n8n shows it to its nodes; an empty one when absent, none at all when null. */
	readonly workflow?: ShownWorkflow | null;
	/** What a sub-workflow does that the node calls. Absent: it returns nothing. */
	readonly subWorkflow?: (id: string, json: unknown) => Promise<void>;
}

export type ShownWorkflow = Pick<Workflow, 'id' | 'nodes' | 'connectionsBySourceNode'>;

export interface FakeExecuteContext {
	readonly context: IExecuteFunctions;
	/** Everything that was logged, at any level. */
	readonly logged: string[];
	/** How often each credential was asked for. */
	readonly asked: Record<string, number>;
	/** The sub-workflows that were called, with what they were given. */
	readonly called: Array<readonly [string, unknown]>;
}

/** The part of n8n's execute context that the package uses, for tests of a node without an engine. */
export function fakeExecuteContext(execution: FakeExecution): FakeExecuteContext {
	const logged: string[] = [];
	const asked: Record<string, number> = {};
	const called: Array<readonly [string, unknown]> = [];
	const { workflow = { id: 'w', nodes: {}, connectionsBySourceNode: {} } } = execution;
	const log = (message: string, meta?: unknown): void => void logged.push(`${message} ${JSON.stringify(meta ?? '')}`);
	const node: INode = {
		id: 'n',
		name: 'Node',
		type: 'n8n-nodes-deployment-runbook.test',
		typeVersion: 1,
		position: [0, 0],
		parameters: {},
	};
	const context = {
		getInputData: () => [...(execution.items ?? [{ json: {} }])],
		getNode: () => node,
		getMode: () => execution.mode ?? 'trigger',
		getExecutionId: () => '1',
		getExecutionCancelSignal: () => execution.cancelSignal,
		continueOnFail: () => execution.continueOnFail ?? false,
		getNodeParameter: (name: string, itemIndex: number, fallback?: unknown): unknown => {
			const value = execution.parameters[name];
			if (value === undefined && fallback === undefined) throw new Error(`Could not get parameter "${name}"`);
			if (value === undefined) return fallback;
			return typeof value === 'function' ? (value as (index: number) => unknown)(itemIndex) : value;
		},
		getCredentials: async (type: string) => {
			asked[type] = (asked[type] ?? 0) + 1;
			const data = execution.credentials?.[type];
			if (!data) throw new Error(`Node does not have any credentials set for "${type}"`);
			return await Promise.resolve(data);
		},
		helpers: {
			assertBinaryData: (itemIndex: number, field: string) => {
				const data = execution.items?.[itemIndex]?.binary?.[field];
				if (!data)
					throw new Error(`This operation expects the node's input data to contain a binary file '${field}'`);
				return data;
			},
			getBinaryStream: async (id: string) => {
				const bytes = execution.binaries?.[id];
				if (!bytes) throw new Error(`there is no binary data ${id}`);
				return await Promise.resolve(Readable.from([bytes], { objectMode: false }));
			},
		},
		...(workflow ? { workflow } : {}),
		executeWorkflow: async ({ id }: { id: string }, [item]: INodeExecutionData[]) => {
			called.push([id, item?.json]);
			await execution.subWorkflow?.(id, item?.json);
			return { data: [null], executionId: '2' };
		},
		logger: { debug: log, info: log, warn: log, error: log },
	};
	return { context: context as unknown as IExecuteFunctions, logged, asked, called };
}
