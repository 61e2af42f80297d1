import { assessPhase } from '../../../lib/release/assessPhase';
import { isRollbackWithheld } from '../../../lib/release/rollbackProof';
import { parameterErrors } from '../../../lib/support/errors';
import { releaseLedger } from '../../shared/credentials';
import { fieldsOf } from '../../shared/describeOperations';
import type { Operation } from '../../shared/operation';
import { splitList } from '../../shared/splitList';

interface Parameters {
	readonly releaseId: string;
	readonly phaseName: string;
	readonly stepKeys: readonly string[];
}

/** Ends a sub-workflow on all its branches: the verdict of its steps, read back from the ledger. */
export const returnVerdict: Operation<Parameters> = {
	name: 'returnVerdict',
	kind: 'observe',
	resultKey: 'phase',
	description: fieldsOf('returnVerdict', [
		{
			displayName: 'Phase',
			name: 'phaseName',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. phase-1-pre-deployment',
			description:
				'Name of this phase. The caller compares it, so that an item of another phase that slips through never counts as its verdict.',
		},
		{
			displayName: 'Steps',
			name: 'stepKeys',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. 1.1/check-http, 1.2/verify-backup',
			description:
				'The steps, separated by commas, that must all stand as passed in the ledger. One that ends in "?" must have passed where it was begun. The branch that led here does not matter.',
		},
	]),
	readParameters: (context, itemIndex) => {
		const stepKeys = splitList(String(context.getNodeParameter('stepKeys', itemIndex)));
		if (stepKeys.length === 0) {
			throw parameterErrors.INVALID({
				field: 'stepKeys',
				problem: 'it names no step',
				remedy: 'List the step keys of this phase',
			});
		}
		return {
			releaseId: String(context.getNodeParameter('releaseId', itemIndex)),
			phaseName: String(context.getNodeParameter('phaseName', itemIndex)),
			stepKeys,
		};
	},
	plan: ({ stepKeys }) => ({ key: '', inputs: { stepKeys } }),
	run: async ({ parameters, open }) => {
		const ledger = await open(releaseLedger);
		await ledger.finishPhase(parameters.releaseId, parameters.phaseName);
		const recorded = await ledger.readSteps(parameters.releaseId);
		const { verdict, steps, reasons } = assessPhase(parameters.stepKeys, recorded);
		return {
			result: {
				...{ name: parameters.phaseName, verdict, reasons },
				rollbackWithheld: isRollbackWithheld(recorded),
				steps: steps.map((step) => ({ ...step })),
			},
		};
	},
};
