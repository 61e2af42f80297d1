import { previewRestore as preview } from '../../../lib/backup/restore/previewRestore';
import { targetPostgres } from '../../shared/credentials';
import { fieldsOf } from '../../shared/describeOperations';
import { objectStorage } from '../../shared/objectStorageCredential';
import type { Operation } from '../../shared/operation';
import { readRestoreParameters, restoreFields, swapField, type RestoreParameters } from '../restoreFields';
import { restoreOptions, toJson } from '../restoreRun';

interface Parameters extends RestoreParameters {
	readonly swap: boolean;
}

/** Says what a restore would do and lose, and whose way it would be in. Changes nothing. */
export const previewRestore: Operation<Parameters> = {
	name: 'previewRestore',
	kind: 'verdict',
	resultKey: 'restore',
	description: fieldsOf('previewRestore', [...restoreFields, swapField]),
	deadlineMs: ({ deadlineMinutes }) => deadlineMinutes * 60_000,
	readParameters: (context, itemIndex) => ({
		...readRestoreParameters(context, itemIndex),
		swap: context.getNodeParameter('swap', itemIndex) === true,
	}),
	plan: ({ location, backupId, swap }) => ({ key: '', inputs: { ...location, backupId, swap } }),
	run: async (context) => {
		const live = await context.open(targetPostgres);
		const store = await context.open(objectStorage);
		const { swap } = context.parameters;
		const { verdict, ...result } = await preview(live, store, { ...restoreOptions(context), swap });
		return { verdict, result: toJson(result), evidence: toJson({ loss: result.loss, hazards: result.hazards }) };
	},
};
