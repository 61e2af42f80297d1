import type { INodeProperties } from 'n8n-workflow';
import { parameterErrors } from '../../lib/support/errors';
import type { ParameterReader } from '../shared/operation';

/** Which backup an operation is about. */
export const backupIdField: INodeProperties = {
	displayName: 'Backup ID',
	name: 'backupId',
	type: 'string',
	default: '={{ $json.backup.backupId }}',
	required: true,
	placeholder: 'e.g. 20261123T064012Z-3f9a1c2b4d5e',
	description: 'The backup that is meant. By default the one that the item carries.',
};

/** @throws RunbookError PARAMETER.INVALID */
export function readBackupId(context: ParameterReader, itemIndex: number): string {
	const backupId = context.getNodeParameter('backupId', itemIndex);
	if (typeof backupId === 'string' && /^\d{8}T\d{6}Z-[0-9a-f]{12}$/.test(backupId.trim())) return backupId.trim();
	throw parameterErrors.INVALID({
		field: 'backupId',
		problem: 'it is not the id of a backup',
		remedy: 'Put the Create operation before this node, or enter an id such as 20261123T064012Z-3f9a1c2b4d5e',
	});
}
