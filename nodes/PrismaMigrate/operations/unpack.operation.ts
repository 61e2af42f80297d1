import { unpackMigrations } from '../../../lib/migration/archive/unpackMigrations';
import { migrationErrors } from '../../../lib/migration/errors';
import { fieldsOf } from '../../shared/describeOperations';
import { objectStorage } from '../../shared/objectStorageCredential';
import type { Operation } from '../../shared/operation';

interface Parameters {
	readonly bucket: string;
	readonly key: string;
	readonly directory: string;
	readonly sha256: string;
}

/** Brings a release's migrations from object storage to the host that runs n8n. */
export const unpack: Operation<Parameters> = {
	name: 'unpack',
	kind: 'observe',
	description: fieldsOf('unpack', [
		{
			displayName: 'Bucket',
			name: 'bucket',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. case-management-releases',
			description: 'Where the CI has put the archive',
		},
		{
			displayName: 'Key',
			name: 'key',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. 2026.11.23/migrations.tar.gz',
			description:
				'A tar archive, packed by gzip or not, that holds prisma/migrations with its migration_lock.toml',
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
		return { bucket: text('bucket'), key: text('key'), directory: text('directory'), sha256: text('sha256') };
	},
	plan: ({ bucket, key, directory, sha256 }) => ({ key: '', inputs: { bucket, key, directory, sha256 } }),
	run: async ({ parameters, open, signal }) => {
		const { bucket, key, directory, sha256 } = parameters;
		const archive = `s3://${bucket}/${key}`;
		const stored = await (await open(objectStorage)).openStream({ bucket, key }, signal);
		if (!stored) throw migrationErrors.ARCHIVE_UNREADABLE({ archive, problem: 'it is not there' });
		return { result: { ...(await unpackMigrations(stored.content, { archive, directory, sha256, signal })) } };
	},
};
