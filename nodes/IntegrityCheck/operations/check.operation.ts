import { checkIntegrity } from '../../../lib/integrity/checkIntegrity';
import { integrityErrors } from '../../../lib/integrity/errors';
import type { IntegrityLimits, IntegrityRecord } from '../../../lib/integrity/model';
import { readRecord } from '../../../lib/integrity/recordIntegrity';
import { targetPostgres } from '../../shared/credentials';
import { fieldsOf } from '../../shared/describeOperations';
import type { Operation, OperationContext } from '../../shared/operation';
import { readNumber } from '../../shared/readNumber';
import { assertionFields, readAssertionParameters, type AssertionParameters } from '../assertionFields';

interface Parameters extends AssertionParameters, IntegrityLimits {
	/** Step that holds what was there before; empty when nothing is compared. */
	readonly compareWith: string;
}

/** Passed: nothing is wrong. Failed: something is broken or lost. Inconclusive: something could not be looked at. */
export const check: Operation<Parameters> = {
	name: 'check',
	kind: 'verdict',
	description: fieldsOf('check', [
		...assertionFields,
		{
			displayName: 'Compare With Step',
			name: 'compareWith',
			type: 'string',
			default: '',
			placeholder: 'e.g. 2.2/record-counts',
			displayOptions: { show: { recordStep: [true] } },
			description:
				'The step under which the operation Record put what was there before. Empty: nothing is compared.',
		},
		{
			displayName: 'Rows Lost, at Most (Percent)',
			name: 'largestLossPercent',
			type: 'number',
			default: 1,
			required: true,
			typeOptions: { minValue: 0, maxValue: 100 },
			description:
				'The largest share of its rows that a table may have lost since the record: while users work some rows go',
		},
	]),
	readParameters: (context, itemIndex) => ({
		...readAssertionParameters(context, itemIndex),
		compareWith: String(context.getNodeParameter('compareWith', itemIndex, '')).trim(),
		largestLoss: readNumber(context, { itemIndex, name: 'largestLossPercent', minimum: 0, maximum: 100 }) / 100,
	}),
	plan: ({ assertions, compareWith, largestLoss }) => ({
		key: '',
		inputs: {
			compareWith,
			largestLoss,
			assertions: assertions.map(({ name, sql, expect }) => ({ name, sql, expect })),
		},
	}),
	run: async (context) => {
		const { parameters, open, signal } = context;
		const before = await readBefore(context);
		const { verdict, ...report } = await checkIntegrity(await open(targetPostgres), {
			...parameters,
			signal,
			before,
		});
		const violations = report.violations.map((violation) => ({ ...violation }));
		const reasons = violations.filter(({ severity }) => severity !== 'warning').map(({ text }) => text);
		return {
			verdict,
			result: { ...report, violations, reasons, counts: { ...report.counts }, compared: before !== undefined },
		};
	},
};

/** @throws RunbookError INTEGRITY.RECORD_MISSING: without it a loss would pass unseen */
async function readBefore({
	parameters: { compareWith },
	release,
	recorded,
}: OperationContext<Parameters>): Promise<IntegrityRecord | undefined> {
	if (compareWith === '' || !release) return undefined;
	const record = readRecord((await recorded(compareWith))?.result);
	if (!record) throw integrityErrors.RECORD_MISSING({ stepKey: compareWith });
	return record;
}
