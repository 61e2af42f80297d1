/** The part of n8n-core 2.41 that the runner uses. The package itself comes from the runtime folder, not from this repository. */
declare module 'n8n-core' {
	import type {
		ICredentialType,
		INode,
		INodeType,
		IRun,
		IRunExecutionData,
		ITaskData,
		IVersionedNodeType,
		IWebhookData,
		IWebhookFunctions,
		IWorkflowBase,
		IWorkflowExecuteAdditionalData,
		Workflow,
		WorkflowExecuteMode,
	} from 'n8n-workflow';

	export class DirectoryLoader {
		constructor(directory: string);
		packageName: string;
		loadAll(): Promise<void>;
		getNode(name: string): { type: INodeType | IVersionedNodeType };
		getCredential(name: string): { type: ICredentialType };
	}
	export class PackageDirectoryLoader extends DirectoryLoader {}
	export class LazyPackageDirectoryLoader extends DirectoryLoader {}

	export class ExecutionLifecycleHooks {
		constructor(mode: WorkflowExecuteMode, executionId: string, workflowData: IWorkflowBase);
		addHandler(name: 'nodeExecuteAfter', handler: (nodeName: string, data: ITaskData) => void): void;
	}

	export class WorkflowExecute {
		constructor(
			additionalData: IWorkflowExecuteAdditionalData,
			mode: WorkflowExecuteMode,
			runExecutionData: IRunExecutionData,
		);
		processRunExecutionData(workflow: Workflow): PromiseLike<IRun>;
	}

	export type WebhookContext = IWebhookFunctions;
	export const WebhookContext: new (
		workflow: Workflow,
		node: INode,
		additionalData: IWorkflowExecuteAdditionalData,
		mode: WorkflowExecuteMode,
		webhookData: IWebhookData,
		closeFunctions: ReadonlyArray<Promise<void>>,
		runExecutionData: IRunExecutionData | null,
	) => WebhookContext;

	export class InstanceSettings {}
}

declare module '@n8n/di' {
	export const Container: { get<T>(type: new (...parameters: never[]) => T): T };
}

declare module 'reflect-metadata';
