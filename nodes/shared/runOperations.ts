import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import type { ReleaseContext, StepRecord } from '../../lib/release/model';
import type { Ledger } from '../../lib/release/ledger';
import { recordStep, type Step, type StepEffect, type StepOutcome } from '../../lib/release/recordStep';
import { systemClock } from '../../lib/support/clock';
import { parameterErrors } from '../../lib/support/errors';
import { redact, redactJson } from '../../lib/support/redact';
import { RunbookError } from '../../lib/support/runbookError';
import type { Verdict } from '../../lib/support/verdict';
import { releaseLedger } from './credentials';
import { maskError } from './maskError';
import { openBinary } from './openBinary';
import { OpenClients } from './openClients';
import type { NodeOperations, Operation, OperationContext, OperationOutcome } from './operation';
import { toNodeError } from './toNodeError';

const DEFAULT_DEADLINE_MS = 30 * 60_000;
/** A holder that stays silent for a few beats counts as dead; fifteen seconds are the least that may be configured. */
const HEARTBEAT_MS = 5_000;
/** Output 0 is never permission: whatever leaks out of a node leaks to Inconclusive. */
const OUTPUT_OF: Readonly<Record<Verdict, number>> = { inconclusive: 0, failed: 1, passed: 2 };

/** Codes by which the ledger refuses a step. */
const REFUSED = /^RELEASE\.(STEP_NOT_PROVEN|MANUAL_RUN_NOT_ARMED|PLAN_CHANGED|OUTCOME_UNKNOWN|FENCED_OUT|UNKNOWN)$/;

/**
 * Runs a node: item by item, the chosen operation, with its credentials opened once and closed at the end, cancelled with the
 * execution, recorded in the ledger when asked, errors mapped and secrets masked. The only place that knows how.
 */
export async function runOperations(context: IExecuteFunctions, node: NodeOperations): Promise<INodeExecutionData[][]> {
	const clients = new OpenClients(context);
	const outputs: INodeExecutionData[][] = [];
	try {
		for (const [itemIndex, item] of context.getInputData().entries()) {
			const { output, json } = await runItem(context, node, { clients, item, itemIndex });
			outputs[output] ??= [];
			if (json) outputs[output].push({ json, pairedItem: { item: itemIndex } });
		}
	} finally {
		await clients.close();
	}
	return Array.from({ length: Math.max(outputs.length, 1) }, (_, index) => outputs[index] ?? []);
}

interface Item {
	readonly clients: OpenClients;
	readonly item: INodeExecutionData;
	readonly itemIndex: number;
}

async function runItem(
	context: IExecuteFunctions,
	node: NodeOperations,
	{ clients, item, itemIndex }: Item,
): Promise<{ output: number; json: IDataObject | undefined }> {
	const operation = chooseOperation(context, node, itemIndex);
	clients.itemIndex = itemIndex;
	try {
		const { outcome, release } = await runOperation(context, operation, { clients, item, itemIndex });
		const verdict = operation.kind === 'verdict' ? (outcome.verdict ?? 'inconclusive') : undefined;
		const result = asObject(redactJson(outcome.result, clients.secrets));
		if (outcome.emits === false) return { output: 0, json: undefined };
		return {
			// A change has one output; its verdict, where it gives one, is for the ledger.
			output: verdict === undefined ? 0 : OUTPUT_OF[verdict],
			json: {
				...(outcome.replacesItem ? {} : item.json),
				...(release ? { release: { ...asObject(item.json.release), ...release } } : {}),
				[operation.resultKey ?? node.resultKey]: { ...result, ...(verdict === undefined ? {} : { verdict }) },
			},
		};
	} catch (error) {
		const nodeError = toNodeError(context.getNode(), error, { itemIndex, secrets: clients.secrets });
		context.logger.error(`${context.getNode().name}: ${operation.name} failed: ${nodeError.message}`);
		if (operation.kind === 'change' || !context.continueOnFail()) throw nodeError;
		return { output: 0, json: { error: nodeError.message } };
	}
}

function chooseOperation(context: IExecuteFunctions, node: NodeOperations, itemIndex: number): Operation<unknown> {
	const name: string = context.getNodeParameter('operation', itemIndex);
	const operation = node.operations.find((candidate) => candidate.name === name);
	if (operation) return operation;
	const operations = node.operations.map((candidate) => candidate.name).join(', ');
	throw toNodeError(context.getNode(), parameterErrors.OPERATION_UNKNOWN({ operation: name, operations }), {
		itemIndex,
		secrets: [],
	});
}

async function runOperation(
	context: IExecuteFunctions,
	operation: Operation<unknown>,
	{ clients, itemIndex }: Item,
): Promise<{ outcome: OperationOutcome; release: ReleaseContext | undefined }> {
	const parameters = operation.readParameters(context, itemIndex);
	const recording = context.getNodeParameter('recordStep', itemIndex, false) === true;
	const ledger = recording ? await clients.open(releaseLedger) : undefined;
	const release = recording ? readRelease(context, itemIndex) : undefined;
	const deadline = AbortSignal.timeout(Math.ceil(operation.deadlineMs?.(parameters) ?? DEFAULT_DEADLINE_MS));
	const cancelled = context.getExecutionCancelSignal();
	const log = (message: string): void => {
		context.logger.info(`${context.getNode().name}: ${redact(message, clients.secrets)}`);
	};
	const operationContext: OperationContext<unknown> = {
		parameters,
		release,
		signal: cancelled ? AbortSignal.any([cancelled, deadline]) : deadline,
		clock: systemClock,
		open: async (opener) => await clients.open(opener),
		recorded: async (stepKey, itemKey = ''): Promise<StepRecord | undefined> =>
			ledger && release ? await ledger.readStep(release.id, stepKey, itemKey) : undefined,
		readBinary: async (field) => await openBinary(context, itemIndex, field),
		runWorkflow: async (id, json) => {
			await context.executeWorkflow({ id }, [{ json: json }]);
		},
		log,
	};
	log(`${operation.name} started`);
	const outcome =
		ledger && release
			? await runRecorded(operation, operationContext, {
					ledger,
					release,
					stepKey: context.getNodeParameter('stepKey', itemIndex) as string,
					clients,
				})
			: await operation.run(operationContext);
	log(`${operation.name} finished${outcome.verdict === undefined ? '' : `: ${outcome.verdict}`}`);
	return { outcome, release };
}

interface Recording {
	readonly ledger: Ledger;
	readonly release: ReleaseContext;
	readonly stepKey: string;
	readonly clients: OpenClients;
}

async function runRecorded(
	operation: Operation<unknown>,
	context: OperationContext<unknown>,
	{ ledger, release, stepKey, clients }: Recording,
): Promise<StepOutcome> {
	const { key, inputs } = operation.plan(context.parameters);
	const step: Step = {
		release,
		stepKey,
		itemKey: key,
		kind: operation.kind,
		inputs,
		requires: [...(operation.requires ?? []), ...(operation.alsoRequires?.(context.parameters) ?? [])],
		alwaysRuns: operation.alwaysRuns ?? false,
	};
	const effect: StepEffect = {
		...(operation.prepare
			? { prepare: async () => (await operation.prepare?.(context)) ?? { inverse: null } }
			: {}),
		...(operation.observe
			? { observe: async () => redactJson((await operation.observe?.(context)) ?? 'unknown', clients.secrets) }
			: {}),
		run: async () => {
			try {
				return redactJson(await operation.run(context), clients.secrets);
			} catch (error) {
				throw maskError(error, clients.secrets);
			}
		},
	};
	const heartbeat = setInterval(() => void ledger.beat(release).catch(() => undefined), HEARTBEAT_MS);
	try {
		return await recordStep(ledger, step, effect);
	} catch (error) {
		await recordRefusal(ledger, step, error).catch(() => undefined);
		throw error;
	} finally {
		clearInterval(heartbeat);
	}
}

/** What the ledger itself refused is kept for the auditor; what failed in the act stands in the step's record. */
async function recordRefusal(ledger: Ledger, { release, stepKey }: Step, error: unknown): Promise<void> {
	if (!(error instanceof RunbookError) || !REFUSED.test(error.code)) return;
	const message = `${stepKey}: ${error.message}`;
	await ledger.recordRefusal({ releaseId: release.id, environment: '', person: '', code: error.code, message });
}

function readRelease(context: IExecuteFunctions, itemIndex: number): ReleaseContext {
	const id = context.getNodeParameter('releaseId', itemIndex) as string;
	const given: unknown = context.getNodeParameter('token', itemIndex);
	const token = given === '' || given === null || given === undefined ? NaN : Number(given);
	if (typeof id !== 'string' || id === '' || !Number.isInteger(token)) {
		const problem = 'no release id and token';
		throw parameterErrors.INVALID({
			field: 'releaseId',
			problem,
			remedy: 'Put a Release node named "Release" before this node, or turn "Record Step" off',
		});
	}
	return { id, token };
}

function asObject(value: unknown): IDataObject {
	if (value !== null && typeof value === 'object' && !Array.isArray(value)) return value as IDataObject;
	return value === null || value === undefined ? {} : { value: value };
}
