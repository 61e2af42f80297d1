import type { INodeProperties } from 'n8n-workflow';
import type { BackupLocation } from '../../lib/backup/model';
import type { ParameterReader } from '../shared/operation';
import { readBucket, readFolder } from '../shared/readBucket';
import { readNumber } from '../shared/readNumber';
import { invalidField } from './invalidField';

/** Where backups are kept, and how long an operation may take; the same for every operation. */
export const locationFields: INodeProperties[] = [
	{
		displayName: 'Bucket',
		name: 'bucket',
		type: 'string',
		default: '',
		required: true,
		placeholder: 'e.g. case-management-backups',
		description: 'The bucket that backups are kept in. It must exist; it is never created.',
	},
	{
		displayName: 'Prefix',
		name: 'prefix',
		type: 'string',
		default: 'backups',
		placeholder: 'e.g. production/postgres',
		description: 'The folder inside the bucket. Archive and manifest are stored beside each other in it.',
	},
];

export const deadlineField: INodeProperties = {
	displayName: 'Deadline (Minutes)',
	name: 'deadlineMinutes',
	type: 'number',
	typeOptions: { minValue: 1 },
	default: 15,
	description: 'When this much time has passed, everything is stopped and cleaned up',
};

export const jobsField: INodeProperties = {
	displayName: 'Jobs',
	name: 'jobs',
	type: 'number',
	typeOptions: { minValue: 1 },
	default: 2,
	description:
		'How many archives are dumped or restored at once. As many sessions hash tables meanwhile, so the server is read by up to twice as many.',
};

/** How large the disk is that a restore fills: PostgreSQL tells nobody. `whose` server, e.g. `the scratch server`. */
export function diskField(whose: string): INodeProperties {
	return {
		displayName: 'Disk of the Server (GB)',
		name: 'diskGB',
		type: 'number',
		typeOptions: { minValue: 0 },
		default: 0,
		description: `How large the disk is that the files of ${whose} are on. Where a restore has no room beside what PostgreSQL keeps there already, nothing is begun. 0: not known, and not checked.`,
	};
}

/** In bytes; undefined when nobody said. @throws RunbookError PARAMETER.INVALID */
export function readDiskBytes(context: ParameterReader, itemIndex: number): number | undefined {
	const gigabytes = readNumber(context, { itemIndex, name: 'diskGB', minimum: 0, maximum: 1e9 });
	return gigabytes === 0 ? undefined : gigabytes * 1e9;
}

/** @throws RunbookError PARAMETER.INVALID */
export function readLocation(context: ParameterReader, itemIndex: number): BackupLocation {
	return { bucket: readBucket(context, itemIndex, 'bucket'), prefix: readFolder(context, itemIndex, 'prefix') };
}

/** A whole number of at least `minimum`. @throws RunbookError PARAMETER.INVALID */
export function readCount(
	context: ParameterReader,
	itemIndex: number,
	{ name, minimum }: { name: string; minimum: number },
): number {
	const value = context.getNodeParameter(name, itemIndex);
	if (typeof value === 'number' && Number.isInteger(value) && value >= minimum) return value;
	throw invalidField(name, `it is not a whole number of at least ${minimum}`, `Enter ${minimum} or more`);
}
