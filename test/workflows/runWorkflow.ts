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
	type IWorkflowExecuteAdditionalData,
	type IWorkflowSettings,
	type WorkflowExecuteMode,
} from 'n8n-workflow';
import { additionalData, type SubWorkflowResult } from './additionalData';
import type { Engine } from './engine';

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
	readonly replace?: Readonly<Record<string, Replacement>>;
	/** Runs settings.errorWorkflow of a failed execution, as n8n does. Default true. */
	readonly errorWorkflows?: boolean;
}

/** One execution of one workflow. */
export interface Execution {
	readonly id: string;
	readonly workflowId: string;
	readonly mode: WorkflowExecuteMode;
	/** The execution whose Execute Sub-workflow node waits for this one; absent for a top-level one. */
	readonly parentId?: string;
	status: IRun['status'];
	run: IRun;
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
		return await this.#run(json, {
			mode,
			data: freshData(
				node,
				items.map((item) => ({ json: item })),
			),
		});
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

	/** Submits the form at which an execution waits, through the node's own webhook. `answers` by field label or name. */
	async submitForm(execution: Execution, answers: Readonly<Record<string, string>>): Promise<Execution> {
		const json = this.#workflow(execution.workflowId);
		const workflow = this.#toWorkflow(json);
		const { name } = stackEntry(execution).node;
		const node = workflow.getNode(name);
		const type = node && this.#nodeTypes.getByNameAndVersion(node.type, node.typeVersion);
		if (!node || !type?.webhook) throw new Error(`${this.waitsAt(execution)} has no webhook`);
		const { request, response } = formExchange(node, answers);
		const exchange = { httpRequest: request, httpResponse: response } as Pick<
			IWorkflowExecuteAdditionalData,
			'httpRequest' | 'httpResponse'
		>;
		const data = { ...this.#additionalData(json, execution.id, execution.mode), ...exchange };
		const description = type.description.webhooks?.find(
			({ name: hook, httpMethod }) => hook === 'default' && (httpMethod === 'POST' || httpMethod.startsWith('=')),
		);
		const webhook = {
			httpMethod: 'POST',
			node: name,
			path: node.id,
			webhookDescription: description,
			workflowId: json.id,
		} as unknown as IWebhookData;
		const context = new WebhookContext(workflow, node, data, execution.mode, webhook, [], execution.run.data);
		const { workflowData } =
			(await (type instanceof Node ? (type as Node).webhook?.(context) : type.webhook.call(context))) ?? {};
		if (!workflowData) throw new Error(`${this.waitsAt(execution)} did not accept the form`);
		return await this.resume(
			execution,
			workflowData.map((items) => (items ?? []).map((item) => item.json)),
		);
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
		await this.#run(this.#workflow(execution.workflowId), {
			mode: execution.mode,
			data: execution.run.data,
			resumed: execution,
		});
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

	async #run(
		json: WorkflowJson,
		{
			mode,
			data,
			resumed,
			parentId,
		}: { mode: WorkflowExecuteMode; data: IRunExecutionData; resumed?: Execution; parentId?: string },
	): Promise<Execution> {
		const id = resumed?.id ?? String(this.executions.length + 1);
		const execution: Execution =
			resumed ??
			({
				id,
				workflowId: json.id,
				mode,
				status: 'running',
				...(parentId === undefined ? {} : { parentId }),
			} as Execution);
		if (!resumed) this.executions.push(execution);
		const engine = new WorkflowExecute(this.#additionalData(json, id, mode), mode, data);
		execution.run = await engine.processRunExecutionData(this.#toWorkflow(json));
		execution.status = execution.run.data.resultData.error
			? 'error'
			: execution.run.waitTill
				? 'waiting'
				: 'success';
		if (execution.status === 'error') await this.#runErrorWorkflow(json, execution);
		return execution;
	}

	async #runErrorWorkflow(json: WorkflowJson, { id, mode, run }: Execution): Promise<void> {
		const target = json.settings?.errorWorkflow;
		if (target === undefined || target === json.id || this.#options.errorWorkflows === false || mode === 'manual')
			return;
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
		const { id, run, status } = await this.#run(json, {
			mode: 'integrated',
			data: freshData(node, input),
			...parent,
		});
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

/** A form's POST as n8n's server hands it to the node. */
function formExchange(node: INode, answers: Readonly<Record<string, string>>): { request: object; response: object } {
	const fields = ((node.parameters.formFields as IDataObject | undefined)?.values ?? []) as Array<{
		fieldLabel?: string;
		fieldName?: string;
	}>;
	const data: Record<string, string> = {};
	for (const [field, answer] of Object.entries(answers)) {
		const index = fields.findIndex(({ fieldLabel, fieldName }) => fieldLabel === field || fieldName === field);
		if (index < 0) throw new Error(`the form of ${node.name} has no field ${field}`);
		data[`field-${index}`] = answer;
	}
	const request = {
		method: 'POST',
		contentType: 'multipart/form-data',
		headers: {},
		query: {},
		params: {},
		body: { data, files: {} },
		ip: '127.0.0.1',
		ips: [],
	};
	const chain = (): object => response;
	const response: object = {
		status: chain,
		setHeader: chain,
		writeHead: chain,
		json: chain,
		send: chain,
		end: chain,
		render: chain,
	};
	return { request, response };
}
