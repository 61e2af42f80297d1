import type { ExecutionLifecycleHooks } from 'n8n-core';
import type {
	ICredentialDataDecryptedObject,
	IExecuteWorkflowInfo,
	INodeCredentialsDetails,
	IWorkflowExecuteAdditionalData,
	INodeExecutionData,
} from 'n8n-workflow';
import type { Engine } from './engine';

/** What a sub-workflow gives back to the node that called it. */
export interface SubWorkflowResult {
	readonly executionId: string;
	readonly data: Array<INodeExecutionData[] | null>;
	readonly waitTill?: Date;
}

export interface ExecutionSurroundings {
	readonly engine: Engine;
	readonly executionId: string;
	readonly workflowId: string;
	readonly hooks: ExecutionLifecycleHooks;
	/** Decrypted credentials by type. */
	readonly credentials: Readonly<Record<string, ICredentialDataDecryptedObject>>;
	/** Where waiting executions are reached. Default an address that leads nowhere. */
	readonly waitingUrl?: string;
	executeSubWorkflow(
		info: IExecuteWorkflowInfo,
		input: INodeExecutionData[],
		wait: boolean,
	): Promise<SubWorkflowResult>;
}

const HOST = 'http://n8n.example.com';

/** What n8n's server adds to an execution, without a server: credentials from a map, sub-workflows from the caller. */
export function additionalData(surroundings: ExecutionSurroundings): IWorkflowExecuteAdditionalData {
	const { executionId, workflowId, hooks, executeSubWorkflow } = surroundings;
	const data = {
		hooks,
		executionId,
		workflowId,
		currentNodeExecutionIndex: 0,
		credentialsHelper: credentialsHelper(surroundings),
		restApiUrl: `${HOST}/rest`,
		instanceBaseUrl: `${HOST}/`,
		webhookBaseUrl: `${HOST}/webhook`,
		webhookWaitingBaseUrl: surroundings.waitingUrl ?? `${HOST}/webhook-waiting`,
		webhookTestBaseUrl: `${HOST}/webhook-test`,
		formWaitingBaseUrl: `${HOST}/form-waiting`,
		formBaseUrl: `${HOST}/form`,
		formTestBaseUrl: `${HOST}/form-test`,
		mcpBaseUrl: '',
		mcpTestBaseUrl: '',
		variables: {},
		logAiEvent: () => undefined,
		setExecutionStatus: () => undefined,
		sendDataToUI: () => undefined,
		getRunExecutionData: async () => await Promise.resolve(undefined),
		getRuntimeCredential: async () => await Promise.resolve(undefined),
		executeWorkflow: async (
			info: IExecuteWorkflowInfo,
			_: unknown,
			options: { inputData?: INodeExecutionData[]; doNotWaitToFinish?: boolean },
		) => await executeSubWorkflow(info, options.inputData ?? [{ json: {} }], options.doNotWaitToFinish !== true),
		startRunnerTask: async () =>
			await Promise.reject(new Error('Code nodes need a task runner: replace the node in this test')),
	};
	return data as unknown as IWorkflowExecuteAdditionalData;
}

function credentialsHelper({ engine, credentials }: ExecutionSurroundings): object {
	return {
		getParentTypes: () => [],
		getDecrypted: async (_: unknown, reference: INodeCredentialsDetails, type: string) => {
			const data = credentials[type];
			if (!data)
				throw new Error(`the test gave no credential of type ${type} (the node asked for "${reference.name}")`);
			return await Promise.resolve({ ...data });
		},
		getCredentials: async () => await Promise.reject(new Error('credentials are given decrypted')),
		getCredentialsProperties: (type: string) => engine.credentialType(type).properties,
		isCredentialUsableByNode: () => true,
		preAuthentication: async () => await Promise.resolve(undefined),
		authenticate: async (_: unknown, __: string, request: unknown) => await Promise.resolve(request),
		updateCredentials: async () => await Promise.resolve(),
		updateCredentialsOauthTokenData: async () => await Promise.resolve(),
	};
}
