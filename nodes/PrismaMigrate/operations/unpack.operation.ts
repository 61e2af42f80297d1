import { unpackMigrations } from '../../../lib/migration/archive/unpackMigrations';
import { migrationErrors } from '../../../lib/migration/errors';
import { fieldsOf } from '../../shared/describeOperations';
import { objectStorage } from '../../shared/objectStorageCredential';
import type { Operation, ParameterReader } from '../../shared/operation';

interface Parameters {
	readonly source: Source;
	readonly directory: string;
	readonly sha256: string;
}

/** Where the archive comes from. */
type Source = { readonly bucket: string; readonly key: string } | { readonly binaryField: string };

/** Brings a release's migrations from object storage, or from the item, to the host that runs n8n. */
export const unpack: Operation<Parameters> = {
	name: 'unpack',
	kind: 'observe',
	description: fieldsOf('unpack', [
		{
			displayName: 'Archive From',
			name: 'archiveFrom',
			type: 'options',
			default: 'objectStorage',
			options: [
				{
					name: 'Binary Data',
					value: 'binaryData',
					description: 'A file that came with the item, such as what an HTTP request has downloaded',
				},
				{ name: 'Object Storage', value: 'objectStorage', description: 'An object that the CI has put there' },
			],
			description: 'Where the archive is taken from',
		},
		{
			displayName: 'Binary Field',
			name: 'binaryField',
			type: 'string',
			default: 'data',
			required: true,
			placeholder: 'e.g. data',
			displayOptions: { show: { archiveFrom: ['binaryData'] } },
			description: "Name of the item's binary field that holds the archive",
		},
		{
			displayName: 'Bucket',
			name: 'bucket',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. case-management-releases',
			displayOptions: { show: { archiveFrom: ['objectStorage'] } },
			description: 'Where the CI has put the archive',
		},
		{
			displayName: 'Key',
			name: 'key',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. 2026.11.23/migrations.tar.gz',
			displayOptions: { show: { archiveFrom: ['objectStorage'] } },
			description:
				'A zip archive, or a tar archive packed by gzip or not, that holds prisma/migrations with its migration_lock.toml',
		},
		{
			displayName: 'Directory',
			name: 'directory',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. /srv/migrations',
			description:
				'Absolute path on the host that runs n8n. The folder is made below it, under the name of the archive’s checksum.',
		},
		{
			displayName: 'SHA-256',
			name: 'sha256',
			type: 'string',
			default: '',
			placeholder: 'e.g. 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
			description:
				'What the CI says the archive’s checksum is; another one is refused. Empty to take what is there.',
		},
	]),
	deadlineMs: () => 120_000,
	readParameters: (context, itemIndex) => {
		const text = (name: string): string => String(context.getNodeParameter(name, itemIndex)).trim();
		return { source: readSource(context, itemIndex), directory: text('directory'), sha256: text('sha256') };
	},
	plan: ({ source, directory, sha256 }) => ({ key: '', inputs: { ...source, directory, sha256 } }),
	run: async ({ parameters, open, readBinary, signal }) => {
		const { source, ...options } = parameters;
		if ('binaryField' in source) {
			const archive = `binary field ${source.binaryField}`;
			const content = await readBinary(source.binaryField);
			return { result: { ...(await unpackMigrations(content, { archive, ...options, signal })) } };
		}
		const archive = `s3://${source.bucket}/${source.key}`;
		const stored = await (await open(objectStorage)).openStream(source, signal);
		if (!stored) throw migrationErrors.ARCHIVE_UNREADABLE({ archive, problem: 'it is not there' });
		return { result: { ...(await unpackMigrations(stored.content, { archive, ...options, signal })) } };
	},
};

/** @throws RunbookError MIGRATION.ARCHIVE_UNREADABLE when the item has no such file */
function readSource(context: ParameterReader, itemIndex: number): Source {
	const text = (name: string): string => String(context.getNodeParameter(name, itemIndex)).trim();
	if (context.getNodeParameter('archiveFrom', itemIndex, 'objectStorage') !== 'binaryData')
		return { bucket: text('bucket'), key: text('key') };
	const binaryField = text('binaryField');
	const isThere = context.getInputData()[itemIndex]?.binary?.[binaryField] !== undefined;
	if (isThere) return { binaryField };
	const problem = 'the item that came in has no such file';
	throw migrationErrors.ARCHIVE_UNREADABLE({ archive: `binary field ${binaryField}`, problem });
}
