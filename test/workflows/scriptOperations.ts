import path from 'node:path';
import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import type { StepOutcome } from '../../lib/release/recordStep';
import type { NodeOperations, Operation } from '../../nodes/shared/operation';

/** What an operation of the package does in a story: an outcome, or an error that it throws. */
export type ScriptedOutcome = Partial<StepOutcome> | Error;

type RunOperations = (context: IExecuteFunctions, node: NodeOperations) => Promise<INodeExecutionData[][]>;

/** The world in place of the real one. Keys are `workflowId/Node name`. */
export interface OperationScript {
	outcomes: Record<string, ScriptedOutcome>;
	/** Operations that were really run, in order: not those refused, answered from the record, or never reached. */
	called: string[];
}

const RUN_OPERATIONS = path.resolve(__dirname, '..', '..', 'dist', 'nodes', 'shared', 'runOperations.js');

/**
 * Replaces only the last step of each node, the operation's act on the world: parameters, permission, recording, verdicts and
 * outputs stay the real code of dist/. The Release node acts on the ledger and stays real too. Call it before the node types
 * are loaded. Without a scripted outcome, what judges passes and what acts succeeds.
 */
export function scriptOperations(): OperationScript {
	const script: OperationScript = { outcomes: {}, called: [] };
	jest.doMock(RUN_OPERATIONS, () => {
		const { runOperations } = jest.requireActual<{ runOperations: RunOperations }>(RUN_OPERATIONS);
		return {
			runOperations: async (context: IExecuteFunctions, node: NodeOperations) => {
				const name = `${context.getWorkflow().id}/${context.getNode().name}`;
				const operations = node.operations.map((operation) =>
					scripted(operation, { name, script, real: node.resultKey === 'release' }),
				);
				return await runOperations(context, { ...node, operations });
			},
		};
	});
	return script;
}

function scripted(
	operation: Operation<unknown>,
	{ name, script, real }: { name: string; script: OperationScript; real: boolean },
): Operation<unknown> {
	const run: Operation<unknown>['run'] = async (context) => {
		script.called.push(name);
		const outcome = script.outcomes[name];
		if (outcome instanceof Error) throw outcome;
		if (outcome === undefined && real) return await operation.run(context);
		return { result: {}, ...(operation.kind === 'verdict' ? { verdict: 'passed' as const } : {}), ...outcome };
	};
	if (real) return { ...operation, run };
	const { prepare: _prepare, observe: _observe, ...rest } = operation;
	return { ...rest, run };
}
