import { readCopyManifest } from '../../../lib/storage/sync/readCopy';
import { summarizeCopy, syncFiles } from '../../../lib/storage/sync/syncFiles';
import { fieldsOf } from '../../shared/describeOperations';
import type { Operation } from '../../shared/operation';
import { readBucket, readFolder } from '../../shared/readBucket';
import { readNumber } from '../../shared/readNumber';
import { copyFields, deadlineField, openSides, readCopyParameters, type CopyParameters } from '../copyFields';

interface Parameters extends CopyParameters {
	readonly source: { readonly bucket: string; readonly prefix: string };
	readonly allowEmpty: boolean;
	readonly concurrency: number;
}

/** The database is dumped first: then every file that its rows name was there when the files are listed. */
const REQUIRES = ['1.2/create-backup'];

/** Copies every object of the source that the destination lacks, and writes the copy's manifest last. */
export const sync: Operation<Parameters> = {
	name: 'sync',
	kind: 'change',
	requires: REQUIRES,
	description: fieldsOf('sync', [
		{
			displayName: 'Bucket',
			name: 'bucket',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. case-management-files',
			description: 'The bucket that the application keeps its files in. It is only read.',
		},
		{
			displayName: 'Prefix',
			name: 'prefix',
			type: 'string',
			default: '',
			placeholder: 'e.g. uploads',
			description: 'The folder to take over; empty for the whole bucket',
		},
		...copyFields,
		{
			displayName: 'Allow an Empty Source',
			name: 'allowEmpty',
			type: 'boolean',
			default: false,
			description:
				'Whether a source without any object is right. Otherwise it counts as a wrong bucket or prefix.',
		},
		{
			displayName: 'Objects at Once',
			name: 'concurrency',
			type: 'number',
			typeOptions: { minValue: 1, maxValue: 64 },
			default: 16,
			description:
				'How many objects are copied at the same time. Storage that throttles slows all of them down by itself.',
		},
		deadlineField,
	]),
	deadlineMs: ({ deadlineMinutes }) => deadlineMinutes * 60_000,
	readParameters: (context, itemIndex) => ({
		source: { bucket: readBucket(context, itemIndex, 'bucket'), prefix: readFolder(context, itemIndex, 'prefix') },
		...readCopyParameters(context, itemIndex),
		allowEmpty: context.getNodeParameter('allowEmpty', itemIndex) === true,
		concurrency: readNumber(context, { itemIndex, name: 'concurrency', minimum: 1, maximum: 64, whole: true }),
	}),
	plan: ({ source, destination }) => {
		const { owner = '', ...place } = destination;
		return { key: '', inputs: { source: { ...source }, destination: { ...place, owner } } };
	},
	// A mirror's manifest may be that of an earlier release; going over it again is cheap.
	observe: async ({ parameters, signal, open }) => {
		if (parameters.mirror) return 'not-done';
		const { destination } = await openSides({ parameters, open });
		const manifest = await readCopyManifest(destination, parameters.destination, signal);
		return manifest
			? { outcome: 'done', result: toJson(summarizeCopy(manifest, parameters.destination)) }
			: 'not-done';
	},
	run: async ({ parameters, signal, clock, open, log }) => {
		const { source, destination } = await openSides({ parameters, open });
		return { result: toJson(await syncFiles(source, destination, { ...parameters, signal, clock, log })) };
	},
};

function toJson({ vanishedKeys, ...rest }: ReturnType<typeof summarizeCopy>) {
	return { ...rest, vanishedKeys: [...vanishedKeys] };
}
