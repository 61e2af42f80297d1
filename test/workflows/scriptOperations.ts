import path from 'node:path';
import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import type { Observation, StepOutcome } from '../../lib/release/recordStep';
import type { NodeOperations, Operation } from '../../nodes/shared/operation';

/** What an operation of the package does in a story: an outcome, an error that it throws, or what it really does. */
export type ScriptedOutcome = Partial<StepOutcome> | Error | 'real';

type RunOperations = (context: IExecuteFunctions, node: NodeOperations) => Promise<INodeExecutionData[][]>;
type RunGate = (context: IExecuteFunctions, run: unknown) => Promise<INodeExecutionData[][]>;

/** The world in place of the real one. Keys are `workflowId/Node name`. */
export interface OperationScript {
	outcomes: Record<string, ScriptedOutcome | undefined>;
	/** What is found of a change that was begun and whose end nobody recorded. Absent: it cannot be told. */
	observed: Record<string, Observation>;
	/** Operations that were really run, in order: not those refused, answered from the record, or never reached. */
	called: string[];
	/** The parameters of each operation that was run, the last time. */
	given: Record<string, unknown>;
}

const NODES = path.resolve(__dirname, '..', '..', 'dist', 'nodes');
const RUN_OPERATIONS = path.join(NODES, 'shared', 'runOperations.js');
const RUN_GATE = path.join(NODES, 'ApprovalGate', 'runGate.js');
/** Nodes that act on the ledger alone, by the key of their result. */
const ON_LEDGER = ['release', 'approval'];
/** Writes to object storage. */
const REPORT = 'report';

/**
 * Replaces only the last step of each node, the operation's act on the world: parameters, permission, recording, verdicts and
 * outputs stay the real code of dist/. The Release and the Approval Gate nodes act on the ledger and stay real too, but for the
 * report. Call it before the node types are loaded. Without a scripted outcome, what judges passes and what acts succeeds.
 */
export function scriptOperations(): OperationScript {
	const script: OperationScript = { outcomes: {}, observed: {}, called: [], given: {} };
	jest.doMock(RUN_OPERATIONS, () => {
		const { runOperations } = jest.requireActual<{ runOperations: RunOperations }>(RUN_OPERATIONS);
		return {
			runOperations: async (context: IExecuteFunctions, node: NodeOperations) => {
				const operations = node.operations.map((operation) => {
					const real = ON_LEDGER.includes(node.resultKey) && operation.name !== REPORT;
					return scripted(operation, { name: nameOf(context), script, real });
				});
				return await runOperations(context, { ...node, operations });
			},
		};
	});
	jest.doMock(RUN_GATE, () => {
		const { runGate } = jest.requireActual<{ runGate: RunGate }>(RUN_GATE);
		return {
			runGate: async (context: IExecuteFunctions, run: unknown) => {
				script.called.push(nameOf(context));
				const outcome = script.outcomes[nameOf(context)];
				if (outcome instanceof Error) throw outcome;
				return await runGate(context, run);
			},
		};
	});
	return script;
}

function nameOf(context: IExecuteFunctions): string {
	return `${context.getWorkflow().id}/${context.getNode().name}`;
}

function scripted(
	operation: Operation<unknown>,
	{ name, script, real }: { name: string; script: OperationScript; real: boolean },
): Operation<unknown> {
	const run: Operation<unknown>['run'] = async (context) => {
		script.called.push(name);
		script.given[name] = context.parameters;
		const outcome = script.outcomes[name];
		if (outcome instanceof Error) throw outcome;
		if (outcome === 'real' || (outcome === undefined && real)) return await operation.run(context);
		return { result: {}, ...(operation.kind === 'verdict' ? { verdict: 'passed' as const } : {}), ...outcome };
	};
	if (real) return { ...operation, run };
	const { prepare: _prepare, observe, ...rest } = operation;
	if (!observe) return { ...rest, run };
	return { ...rest, run, observe: async () => await Promise.resolve(script.observed[name] ?? 'unknown') };
}
