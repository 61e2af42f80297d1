import type { INodeProperties } from 'n8n-workflow';
import type { Json } from '../../lib/release/model';
import { RunbookError } from '../../lib/support/runbookError';
import { fieldsOf } from '../shared/describeOperations';
import type { Operation, OperationOutcome } from '../shared/operation';

interface DryRunnable<Parameters> {
	readonly gate: Parameters;
	readonly dryRun: boolean;
}

const DRY_RUN: INodeProperties = {
	displayName: 'Dry Run',
	name: 'dryRun',
	type: 'boolean',
	default: false,
	description:
		'Whether to measure and judge and let everything pass: to try a new limit. The result says what the verdict would have been. It proves nothing: a release whose proof it is does not succeed.',
};

/** A gate that can be tried: it measures, judges, records what the verdict would be, and stands in nobody's way, also when its source refuses to answer. Broken parameters throw as ever. */
export function withDryRun<Parameters>(operation: Operation<Parameters>): Operation<DryRunnable<Parameters>> {
	const { name, kind, deadlineMs } = operation;
	return {
		name,
		kind,
		description: [...operation.description, ...fieldsOf(name, [DRY_RUN])],
		...(deadlineMs ? { deadlineMs: ({ gate }) => deadlineMs(gate) } : {}),
		readParameters: (context, itemIndex) => ({
			gate: operation.readParameters(context, itemIndex),
			dryRun: context.getNodeParameter('dryRun', itemIndex, false) === true,
		}),
		plan: ({ gate, dryRun }) => {
			const { key, inputs } = operation.plan(gate);
			return { key, inputs: dryRun ? { gate: inputs, dryRun } : inputs };
		},
		run: async (context) => {
			const { gate, dryRun } = context.parameters;
			const run = operation.run({ ...context, parameters: gate });
			const outcome = await (dryRun ? run.catch(refusedSource) : run);
			if (!dryRun) return outcome;
			const wouldBe = outcome.verdict ?? 'inconclusive';
			const result = outcome.result as Readonly<Record<string, Json>>;
			return { ...outcome, verdict: 'passed', result: { ...result, dryRun, wouldBe } };
		},
	};
}

/** What cannot be asked at all, as with a key that is refused, decides no more than what cannot be judged. @throws every other error */
function refusedSource(error: unknown): OperationOutcome {
	if (!(error instanceof RunbookError) || !error.code.startsWith('METRICS.')) throw error;
	return { verdict: 'inconclusive', result: { reason: `${error.message} (${error.code})` } };
}
