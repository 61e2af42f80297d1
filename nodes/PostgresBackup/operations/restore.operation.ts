import { restoreErrors } from '../../../lib/backup/restore/errors';
import { restoreDatabase } from '../../../lib/backup/restore/restoreDatabase';
import { restoreId, restoreNames } from '../../../lib/backup/restore/restoreNames';
import type { Json } from '../../../lib/release/model';
import { targetPostgres } from '../../shared/credentials';
import { fieldsOf } from '../../shared/describeOperations';
import { objectStorage } from '../../shared/objectStorageCredential';
import type { Operation } from '../../shared/operation';
import { encryptedField, openIdentity, readEncrypted } from '../identityFields';
import {
	readRestoreParameters,
	restoreFields,
	swapField,
	typedNameField,
	type RestoreParameters,
} from '../restoreFields';
import { fencing, restoreOptions, toJson } from '../restoreRun';

interface Parameters extends RestoreParameters {
	readonly swap: boolean;
	readonly typedName: string;
	readonly encrypted: boolean;
}

/** Whose record says what was approved when the first run of it began. */
const RESTORE_STEP = 'database/restore';

/** Restores a backup beside the live database, proves it and swaps it in. Observes first, so it is safe to run again. */
export const restore: Operation<Parameters> = {
	name: 'restore',
	kind: 'change',
	resultKey: 'restore',
	alwaysRuns: true,
	requires: ['database/verify-backup', 'database/preview-restore', 'gate-3/approval'],
	description: fieldsOf('restore', [typedNameField, ...restoreFields, swapField, encryptedField]),
	deadlineMs: ({ deadlineMinutes }) => deadlineMinutes * 60_000,
	readParameters: (context, itemIndex) => ({
		...readRestoreParameters(context, itemIndex),
		swap: context.getNodeParameter('swap', itemIndex) === true,
		encrypted: readEncrypted(context, itemIndex),
		typedName: String(context.getNodeParameter('typedDatabaseName', itemIndex)).trim(),
	}),
	plan: ({ location, backupId, swap }) => ({ key: '', inputs: { ...location, backupId, swap } }),
	// Swap Back does it; a person can do it with these names alone.
	prepare: async ({ parameters: { backupId, waivers }, release, open, recorded }) => {
		refuseUnapproved((await recorded(RESTORE_STEP))?.inverse, { backupId, waivers });
		const { database } = await open(targetPostgres);
		const { restored, broken } = restoreNames(
			database,
			restoreId(backupId, { database, label: release?.id ?? '' }),
		);
		return {
			inverse: {
				backupId,
				waivers: [...waivers],
				renames: [
					{ from: database, to: restored },
					{ from: broken, to: database },
				],
			},
		};
	},
	run: async (context) => {
		const live = await context.open(targetPostgres);
		const store = await context.open(objectStorage);
		const { swap, typedName } = context.parameters;
		const identity = await openIdentity(context);
		const options = { ...restoreOptions(context), ...fencing(context), swap, typedName, identity };
		const restored = await restoreDatabase(live, store, options);
		return { result: toJson(restored), evidence: toJson({ waived: restored.waived, swap: restored.swap }) };
	},
};

/**
 * The approval counts as used once the restore was begun, so a later run must be about the same backup and accept no more.
 * @throws RunbookError RESTORE.NOT_APPROVED
 */
function refuseUnapproved(
	inverse: Json | undefined,
	{ backupId, waivers }: Pick<Parameters, 'backupId' | 'waivers'>,
): void {
	if (inverse === null || typeof inverse !== 'object' || !('backupId' in inverse)) return;
	const approved = Array.isArray(inverse.waivers) ? inverse.waivers : [];
	const more = waivers.filter((waiver) => !approved.includes(waiver));
	if (inverse.backupId === backupId && more.length === 0) return;
	throw restoreErrors.NOT_APPROVED({
		backupId,
		approved: String(inverse.backupId),
		waivers: more.length === 0 ? 'none more' : more.join(', '),
	});
}
