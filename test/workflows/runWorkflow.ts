import { ExecutionLifecycleHooks, WebhookContext, WorkflowExecute } from 'n8n-core';
import {
	createRunExecutionData,
	mergeRunsPerBranch,
	Node,
	Workflow,
	type IConnections,
	type ICredentialDataDecryptedObject,
	type IDataObject,
	type IExecuteWorkflowInfo,
	type INode,
	type INodeExecutionData,
	type INodeType,
	type INodeTypes,
	type IRun,
	type IRunExecutionData,
	type IWebhookData,
	type IWorkflowBase,
	type IWorkflowSettings,
	type WorkflowExecuteMode,
} from 'n8n-workflow';
import { additionalData, type SubWorkflowResult } from './additionalData';
import type { Engine } from './engine';
import { webhookExchange, type WebhookAnswer, type WebhookRequest } from './webhookExchange';

/** A workflow as it is exported. */
export interface WorkflowJson {
	readonly id: string;
	readonly name: string;
	readonly nodes: readonly INode[];
	readonly connections: IConnections;
	readonly settings?: IWorkflowSettings;
}

/** What stands in for a node's execute(): items for output 0, or a function with the node's context. */
export type Replacement = readonly IDataObject[] | NonNullable<INodeType['execute']>;

export interface WorkflowRunnerOptions {
	readonly engine: Engine;
	/** Every workflow that may be called, by id. */
	readonly workflows: Readonly<Record<string, WorkflowJson>>;
	/** Decrypted credentials by type. */
	readonly credentials?: Readonly<Record<string, ICredentialDataDecryptedObject>>;
	/** By `workflowId/Node name`. */
	readonly replace?: Readonly<Record<string, Replacement | undefined>>;
	/** Where waiting executions are reached: `$execution.resumeUrl` begins with it. Default an address that leads nowhere. */
	readonly waitingUrl?: string;
}

/** One execution of one workflow. */
export interface Execution {
	readonly id: string;
	readonly workflowId: string;
	readonly mode: WorkflowExecuteMode;
	/** The execution whose Execute Sub-workflow node waits for this one; absent for a top-level one. */
	readonly parentId?: string;
	/** The workflow as it was when the execution started: n8n goes on with it after a wait, whatever was edited meanwhile. */
	readonly workflow: WorkflowJson;
	/** The items that its first node gave out. */
	readonly input: readonly IDataObject[];
	status: IRun['status'];
	run: IRun;
}

/** What came of a request to a waiting execution. */
export interface Visit {
	readonly answer: WebhookAnswer;
	/** The execution, once it waits again or has ended; absent when the request did not wake it. */
	readonly goesOn?: Promise<Execution>;
}

export interface StartOptions {
	/** Node to start at; default: the sub-workflow trigger, else the first trigger. */
	readonly at?: string;
	/** Items that the start node gives out. Default one empty item. */
	readonly items?: readonly IDataObject[];
	readonly mode?: WorkflowExecuteMode;
}

/** Runs exported workflows in this process through n8n's own engine: no server, no database, no network of its own. */
export class WorkflowRunner {
	/** Every node that ran, in order, as `workflowId/Node name`; of all executions. */
	readonly ran: string[] = [];
	readonly executions: Execution[] = [];
	/** Runs settings.errorWorkflow of a failed execution, as n8n does. */
	errorWorkflows = true;
	readonly #options: WorkflowRunnerOptions;
	readonly #nodeTypes: INodeTypes;

	constructor(options: WorkflowRunnerOptions) {
		this.#options = options;
		this.#nodeTypes = options.engine.nodeTypes((workflowId, nodeName) =>
			this.#replacement(`${workflowId}/${nodeName}`),
		);
	}

	/** Runs a workflow from one of its triggers until it ends, fails, or waits. */
	async start(workflowId: string, { at, items = [{}], mode = 'trigger' }: StartOptions = {}): Promise<Execution> {
		const json = this.#workflow(workflowId);
		const node = at === undefined ? startNode(json) : json.nodes.find(({ name }) => name === at);
		if (!node) throw new Error(`${workflowId} has no node ${at ?? 'to start at'}`);
		return await this.#start(
			json,
			node,
			items.map((item) => ({ json: item })),
			{ mode },
		);
	}

	/** The executions that wait for somebody, innermost only: parents wait for their children. */
	waiting(): Execution[] {
		const waiting = this.executions.filter(({ status }) => status === 'waiting');
		return waiting.filter(({ id }) => !waiting.some(({ parentId }) => parentId === id));
	}

	/** The name of the node at which an execution waits, as `workflowId/Node name`. */
	waitsAt(execution: Execution): string {
		return `${execution.workflowId}/${stackEntry(execution).node.name}`;
	}

	/** Resumes a waiting execution with the items that its node gives out (of output 0, or of every output). */
	async resume(
		execution: Execution,
		outputs: readonly IDataObject[] | ReadonlyArray<readonly IDataObject[]>,
	): Promise<Execution> {
		const perOutput = outputs.every(Array.isArray)
			? (outputs as ReadonlyArray<readonly IDataObject[]>)
			: [outputs as readonly IDataObject[]];
		const entry = stackEntry(execution);
		entry.data = { main: perOutput.map((items) => items.map((json, item) => ({ json, pairedItem: { item } }))) };
		Object.assign(entry, { metadata: { ...entry.metadata, forwardAllOutputs: true } });
		return await this.#continue(execution);
	}

	/** The waiting node's time is up: n8n lets the input items out through output 0. */
	async expire(execution: Execution): Promise<Execution> {
		return await this.#continue(execution);
	}

	/** Sends a request to the node at which an execution waits, as n8n's server does. The node decides whether it goes on. */
	async visit(execution: Execution, request: WebhookRequest): Promise<Visit> {
		const { workflow: json, mode, id, run } = execution;
		const workflow = this.#toWorkflow(json);
		const node = workflow.getNode(stackEntry(execution).node.name);
		const type = node && this.#nodeTypes.getByNameAndVersion(node.type, node.typeVersion);
		if (!node || !type?.webhook) throw new Error(`${this.waitsAt(execution)} has no webhook`);
		// Forms have an address of their own.
		const webhookDescription = type.description.webhooks?.find(({ httpMethod, restartWebhook, nodeType }) => {
			const method = workflow.expression.getSimpleParameterValue(node, httpMethod, mode, {}, undefined, 'GET');
			return restartWebhook === true && nodeType !== 'form' && method === request.method;
		});
		if (!webhookDescription) return { answer: { status: 404, body: '' } };

		const { answer, ...exchange } = webhookExchange(request);
		const webhook = {
			httpMethod: request.method,
			node: node.name,
			path: '',
			webhookDescription,
			workflowId: json.id,
		};
		const context = new WebhookContext(
			workflow,
			node,
			{ ...this.#additionalData(json, id, mode), ...exchange } as ReturnType<typeof additionalData>,
			mode,
			webhook as unknown as IWebhookData,
			[],
			run.data,
		);
		const { workflowData } =
			(await (type instanceof Node ? (type as Node).webhook?.(context) : type.webhook.call(context))) ?? {};
		if (!workflowData) return { answer };
		const outputs = workflowData.map((items) => (items ?? []).map((item) => item.json));
		// A request that comes in the meantime finds an execution that runs.
		execution.status = 'running';
		return { answer, goesOn: this.resume(execution, outputs) };
	}

	/** What a node gave out the last time it ran in any execution of the workflow; undefined when it never ran. */
	output(workflowId: string, nodeName: string, output = 0): IDataObject[] | undefined {
		const found = this.executions.findLast(
			(one) => one.workflowId === workflowId && one.run.data.resultData.runData[nodeName] !== undefined,
		);
		return found?.run.data.resultData.runData[nodeName]?.at(-1)?.data?.main?.[output]?.map(({ json }) => json);
	}

	/** True when any node of the workflow ran. */
	reached(workflowId: string): boolean {
		return this.ran.some((entry) => entry.startsWith(`${workflowId}/`));
	}

	async #continue(execution: Execution): Promise<Execution> {
		await this.#run(execution, execution.run.data);
		const parent = this.executions.find(({ id }) => id === execution.parentId);
		if (execution.status === 'waiting' || parent?.status !== 'waiting') return execution;
		await this.#continueParent(parent, execution);
		return execution;
	}

	/** What n8n's wait tracker does when a child has ended: its last items, or its error, become the calling node's. */
	async #continueParent(parent: Execution, child: Execution): Promise<void> {
		const entry = stackEntry(parent);
		const { error, runData, lastNodeExecuted } = child.run.data.resultData;
		const last = lastNodeExecuted === undefined ? undefined : runData[lastNodeExecuted]?.at(-1);
		if (error) Object.assign(entry, { metadata: { ...entry.metadata, resumeError: error } });
		else if (last?.data) entry.data = last.data;
		await this.#continue(parent);
	}

	async #start(
		json: WorkflowJson,
		node: INode,
		input: INodeExecutionData[],
		{ mode, parentId }: { mode: WorkflowExecuteMode; parentId?: string },
	): Promise<Execution> {
		const execution = {
			id: String(this.executions.length + 1),
			workflowId: json.id,
			mode,
			...(parentId === undefined ? {} : { parentId }),
			workflow: structuredClone(json),
			input: input.map((item) => item.json),
		} as unknown as Execution;
		this.executions.push(execution);
		await this.#run(execution, freshData(node, input));
		return execution;
	}

	async #run(execution: Execution, data: IRunExecutionData): Promise<void> {
		const { id, mode, workflow } = execution;
		execution.status = 'running';
		const engine = new WorkflowExecute(this.#additionalData(workflow, id, mode), mode, data);
		execution.run = await engine.processRunExecutionData(this.#toWorkflow(workflow));
		execution.status = execution.run.data.resultData.error
			? 'error'
			: execution.run.waitTill
				? 'waiting'
				: 'success';
		if (execution.status === 'error') await this.#runErrorWorkflow(execution);
	}

	async #runErrorWorkflow({ id, mode, run, workflow: json }: Execution): Promise<void> {
		const target = json.settings?.errorWorkflow;
		if (target === undefined || target === json.id || !this.errorWorkflows || mode === 'manual') return;
		const { error, lastNodeExecuted } = run.data.resultData;
		const payload = {
			execution: {
				id,
				url: `http://n8n.example.com/workflow/${json.id}/executions/${id}`,
				error: { message: error?.message, name: error?.name },
				lastNodeExecuted,
				mode,
			},
			workflow: { id: json.id, name: json.name },
		};
		await this.start(target, { items: [payload], mode: 'error' });
	}

	async #executeSubWorkflow(
		parentId: string,
		info: IExecuteWorkflowInfo,
		{ input, wait }: { input: INodeExecutionData[]; wait: boolean },
	): Promise<SubWorkflowResult> {
		const json = this.#workflow(info.id ?? '');
		const node = startNode(json);
		if (!node) throw new Error(`${json.id} has no trigger for sub-workflow calls`);
		const parent = wait ? { parentId } : {};
		const { id, run, status } = await this.#start(json, node, input, { mode: 'integrated', ...parent });
		if (!wait) return { executionId: id, data: [null] };
		if (status === 'error')
			throw Object.assign(new Error(run.data.resultData.error?.message), run.data.resultData.error, {
				executionId: id,
				workflowId: json.id,
			});
		return { executionId: id, data: lastOutputs(run), ...(run.waitTill ? { waitTill: run.waitTill } : {}) };
	}

	#additionalData(
		json: WorkflowJson,
		executionId: string,
		mode: WorkflowExecuteMode,
	): ReturnType<typeof additionalData> {
		const hooks = new ExecutionLifecycleHooks(mode, executionId, json as unknown as IWorkflowBase);
		hooks.addHandler('nodeExecuteAfter', (nodeName) => void this.ran.push(`${json.id}/${nodeName}`));
		return additionalData({
			engine: this.#options.engine,
			executionId,
			workflowId: json.id,
			hooks,
			credentials: this.#options.credentials ?? {},
			...(this.#options.waitingUrl === undefined ? {} : { waitingUrl: this.#options.waitingUrl }),
			executeSubWorkflow: async (info, input, wait) =>
				await this.#executeSubWorkflow(executionId, info, { input, wait }),
		});
	}

	#toWorkflow(json: WorkflowJson): Workflow {
		const { id, name, nodes, connections, settings = {} } = structuredClone(json);
		return new Workflow({
			id,
			name,
			nodes: [...nodes],
			connections,
			active: true,
			nodeTypes: this.#nodeTypes,
			settings,
		});
	}

	#workflow(id: string): WorkflowJson {
		const json = this.#options.workflows[id];
		if (!json) throw new Error(`the test gave no workflow ${id}`);
		return json;
	}

	#replacement(name: string): INodeType['execute'] | undefined {
		const replacement = this.#options.replace?.[name];
		if (replacement === undefined || typeof replacement === 'function') return replacement;
		const items = replacement.map((json) => ({ json }));
		return async () => await Promise.resolve([structuredClone(items)]);
	}
}

function startNode(json: WorkflowJson): INode | undefined {
	const trigger = json.nodes.find(({ type }) => type === 'n8n-nodes-base.executeWorkflowTrigger');
	return trigger ?? json.nodes.find(({ type, disabled }) => disabled !== true && /trigger$|webhook$/i.test(type));
}

function freshData(node: INode, items: INodeExecutionData[]): IRunExecutionData {
	return createRunExecutionData({
		executionData: {
			nodeExecutionStack: [
				{ node: structuredClone(node), data: { main: [structuredClone(items)] }, source: null },
			],
		},
	});
}

function stackEntry(
	execution: Execution,
): NonNullable<IRunExecutionData['executionData']>['nodeExecutionStack'][number] {
	const entry = execution.run.data.executionData?.nodeExecutionStack[0];
	if (!entry) throw new Error(`execution ${execution.id} of ${execution.workflowId} does not wait`);
	return entry;
}

/** The items of the last node executed, of all its runs, as n8n hands them to the caller. */
function lastOutputs(run: IRun): Array<INodeExecutionData[] | null> {
	const { lastNodeExecuted, runData } = run.data.resultData;
	const runs = lastNodeExecuted === undefined ? [] : (runData[lastNodeExecuted] ?? []);
	return runs.length === 0 ? [null] : mergeRunsPerBranch(runs);
}
