import { swapBack as swap } from '../../../lib/backup/restore/swapBack';
import { targetPostgres } from '../../shared/credentials';
import { fieldsOf } from '../../shared/describeOperations';
import type { Operation } from '../../shared/operation';
import { readRestoreParameters, restoreFields, typedNameField, type RestoreParameters } from '../restoreFields';
import { fencing, restoreOptions, toJson } from '../restoreRun';

interface Parameters extends RestoreParameters {
	readonly typedName: string;
}

/** Undoes the swap of a restore while the replaced database is kept. Observes first, so it is safe to run again. */
export const swapBack: Operation<Parameters> = {
	name: 'swapBack',
	kind: 'change',
	resultKey: 'restore',
	alwaysRuns: true,
	requires: ['database/restore', 'swap-back/approval'],
	description: fieldsOf('swapBack', [typedNameField, ...restoreFields]),
	deadlineMs: ({ deadlineMinutes }) => deadlineMinutes * 60_000,
	readParameters: (context, itemIndex) => ({
		...readRestoreParameters(context, itemIndex),
		typedName: String(context.getNodeParameter('typedDatabaseName', itemIndex)).trim(),
	}),
	plan: ({ backupId }) => ({ key: '', inputs: { backupId } }),
	run: async (context) => {
		const live = await context.open(targetPostgres);
		const { typedName } = context.parameters;
		const result = await swap(live, { ...restoreOptions(context), ...fencing(context), typedName });
		return { result: toJson(result), evidence: toJson({ waived: result.waived }) };
	},
};
