import type { INodeProperties } from 'n8n-workflow';
import type { CopyPlace, FileStorage } from '../../lib/storage/sync/model';
import { parameterErrors } from '../../lib/support/errors';
import { destinationStorage, fileStorage } from '../shared/fileStorageCredential';
import type { OperationContext, ParameterReader } from '../shared/operation';
import { readBucket, readFolder } from '../shared/readBucket';
import { readNumber } from '../shared/readNumber';

/** The name of the one copy that every sync brings up to date. */
const MIRROR = 'mirror';

/** Where copies are kept, and how long an operation may take; the same for both operations. */
export const copyFields: INodeProperties[] = [
	{
		displayName: 'Destination Bucket',
		name: 'destinationBucket',
		type: 'string',
		default: '',
		required: true,
		placeholder: 'e.g. case-management-files-backup',
		description:
			'The bucket that copies are kept in. It must exist; it is never created, and nothing in it is deleted.',
	},
	{
		displayName: 'Destination Prefix',
		name: 'destinationPrefix',
		type: 'string',
		default: 'files',
		placeholder: 'e.g. production/files',
		description:
			'The folder inside the bucket. Each copy is a folder in it, with its list and its manifest beside it.',
	},
	{
		displayName: 'Layout',
		name: 'layout',
		type: 'options',
		default: 'separate',
		options: [
			{
				name: 'A Copy of Its Own',
				value: 'separate',
				description:
					'As the runbook: the state of the files now, whole, under a name. Later runs leave it alone.',
			},
			{
				name: 'One Mirror',
				value: 'mirror',
				description: 'One copy that each run brings up to date; the bucket must keep versions',
			},
		],
		description: 'Whether each release gets a copy, or all share one',
	},
	{
		displayName: 'Name of the Copy',
		name: 'copyName',
		type: 'string',
		default: '',
		required: true,
		placeholder: "e.g. {{ $now.format('yyyyMMdd') }}",
		displayOptions: { show: { layout: ['separate'] } },
		description:
			'What the copy is called, such as the release or the date. A run under the same name goes on with it.',
	},
	{
		displayName: 'Destination Owner',
		name: 'destinationOwner',
		type: 'string',
		default: '',
		placeholder: 'e.g. 123456789012',
		description:
			'The AWS account that must own the destination bucket; every call is refused otherwise. Leave it empty for storage without accounts.',
	},
	{
		displayName: 'Destination Is Another Server',
		name: 'otherServer',
		type: 'boolean',
		default: false,
		description:
			'Whether the destination has a credential of its own. Then objects stream through n8n; otherwise the server copies by itself.',
	},
];

export const deadlineField: INodeProperties = {
	displayName: 'Deadline (Minutes)',
	name: 'deadlineMinutes',
	type: 'number',
	typeOptions: { minValue: 1 },
	default: 15,
	description:
		'When this much time has passed, everything is stopped. What was copied stays, and the next run goes on.',
};

export interface CopyParameters {
	readonly destination: CopyPlace;
	readonly mirror: boolean;
	readonly otherServer: boolean;
	readonly deadlineMinutes: number;
}

/** @throws RunbookError PARAMETER.INVALID */
export function readCopyParameters(context: ParameterReader, itemIndex: number): CopyParameters {
	const mirror = context.getNodeParameter('layout', itemIndex) === 'mirror';
	const deadline = { name: 'deadlineMinutes', minimum: 1, maximum: 7 * 24 * 60, whole: true };
	return {
		destination: {
			bucket: readBucket(context, itemIndex, 'destinationBucket'),
			prefix: readFolder(context, itemIndex, 'destinationPrefix'),
			name: mirror ? MIRROR : readCopyName(context, itemIndex),
			owner: readOwner(context, itemIndex),
		},
		mirror,
		otherServer: context.getNodeParameter('otherServer', itemIndex) === true,
		deadlineMinutes: readNumber(context, { itemIndex, ...deadline }),
	};
}

function readCopyName(context: ParameterReader, itemIndex: number): string {
	const name: unknown = context.getNodeParameter('copyName', itemIndex);
	if (typeof name === 'string' && /^[A-Za-z0-9][\w.-]{0,127}$/.test(name) && name !== MIRROR) return name;
	const problem = 'a copy is named by 1 to 128 letters, digits, dots, hyphens and underscores, and not "mirror"';
	throw parameterErrors.INVALID({ field: 'copyName', problem, remedy: 'Name it after the release or the date' });
}

function readOwner(context: ParameterReader, itemIndex: number): string | undefined {
	const owner: unknown = context.getNodeParameter('destinationOwner', itemIndex, '');
	if (owner === '' || owner === undefined) return undefined;
	if (typeof owner === 'string' && /^\d{12}$/.test(owner)) return owner;
	const problem = 'it is not the id of an AWS account';
	throw parameterErrors.INVALID({
		field: 'destinationOwner',
		problem,
		remedy: 'Enter its twelve digits, or leave it empty',
	});
}

/** Both sides; the same client twice where one server holds both. */
export async function openSides({
	parameters,
	open,
}: Pick<OperationContext<CopyParameters>, 'parameters' | 'open'>): Promise<{
	source: FileStorage;
	destination: FileStorage;
}> {
	const source = await open(fileStorage);
	return { source, destination: parameters.otherServer ? await open(destinationStorage) : source };
}
