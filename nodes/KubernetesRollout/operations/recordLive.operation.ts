import type { BackupLocation } from '../../../lib/backup/model';
import { findRecord } from '../../../lib/rollout/findRecord';
import type { LiveRecord, TargetImage } from '../../../lib/rollout/model';
import { parseImages } from '../../../lib/rollout/parseConfiguration';
import { recordLive as record } from '../../../lib/rollout/recordLive';
import { writeRollbackRecord } from '../../../lib/rollout/rollbackRecord';
import { readLocation } from '../../PostgresBackup/locationFields';
import { fieldsOf } from '../../shared/describeOperations';
import { objectStorage } from '../../shared/objectStorageCredential';
import type { Operation, OperationContext } from '../../shared/operation';
import { openCluster } from '../openCluster';
import {
	asJson,
	fenceOf,
	IMAGES_FIELD,
	isEmpty,
	readSet,
	releaseSetOf,
	SET_FIELDS,
	setInputs,
	type SetParameters,
} from '../releaseSet';

interface Parameters extends SetParameters {
	/** Empty: what the release is going to deploy is not noted. */
	readonly images: readonly TargetImage[];
	/** Undefined: the record is not written to object storage. */
	readonly stored: BackupLocation | undefined;
}

/** Remembers what is live, in the ledger, on the Services and in object storage, so that a rollback can go to exactly that. */
export const recordLive: Operation<Parameters> = {
	name: 'recordLive',
	kind: 'change',
	description: fieldsOf('recordLive', [
		...SET_FIELDS,
		{
			...IMAGES_FIELD,
			required: false,
			default: '',
			description:
				'What the release is going to deploy: noted in the record, so that a rollback without the ledger refuses when something else is live. Empty to leave it out.',
		},
		{
			displayName: 'Keep in Object Storage',
			name: 'storeRecord',
			type: 'boolean',
			default: false,
			description:
				'Whether the record is written to object storage, too: a rollback then needs neither the ledger nor the annotations of the Services',
		},
		{
			displayName: 'Bucket',
			name: 'bucket',
			type: 'string',
			default: "={{ $('Configuration').first().json.reports.bucket }}",
			required: true,
			placeholder: 'e.g. case-management-backups',
			displayOptions: { show: { storeRecord: [true] } },
			description: 'The bucket that records are kept in. It must exist; it is never created.',
		},
		{
			displayName: 'Prefix',
			name: 'prefix',
			type: 'string',
			default: "={{ $('Configuration').first().json.reports.prefix }}",
			placeholder: 'e.g. reports/',
			displayOptions: { show: { storeRecord: [true] } },
			description: 'The folder inside the bucket. In it each release has a folder of its own, with its record.',
		},
	]),
	readParameters: (context, itemIndex) => {
		const set = readSet(context, itemIndex);
		const images = context.getNodeParameter('images', itemIndex, '');
		return {
			...set,
			images: isEmpty(images) ? [] : parseImages(images, set.workloads),
			stored:
				context.getNodeParameter('storeRecord', itemIndex, false) === true
					? readLocation(context, itemIndex)
					: undefined,
		};
	},
	plan: (parameters) => ({ key: '', inputs: setInputs(parameters) }),
	// The record of an interrupted run stands on the Services; a half-written one is completed.
	observe: async (context) => {
		const cluster = await openCluster(context);
		const found = await findRecord(cluster, releaseSetOf(context.parameters, cluster), { fence: fenceOf(context) });
		if (!found) return 'not-done';
		await store(context, found);
		return { outcome: 'done', result: asJson(found) };
	},
	run: async (context) => {
		const cluster = await openCluster(context);
		const { images } = context.parameters;
		const set = releaseSetOf(context.parameters, cluster);
		const recorded = await record(cluster, set, { fence: fenceOf(context), images });
		await store(context, recorded);
		return { result: asJson(recorded) };
	},
};

/** Writing it twice writes the same. */
async function store(context: OperationContext<Parameters>, recorded: LiveRecord): Promise<void> {
	const { stored, images } = context.parameters;
	if (!stored) return;
	const cluster = await openCluster(context);
	const storage = await context.open(objectStorage);
	const set = releaseSetOf(context.parameters, cluster);
	const release = context.release?.id ?? '';
	const folder = stored.prefix === '' || stored.prefix.endsWith('/') ? stored.prefix : `${stored.prefix}/`;
	const key = `${folder}${release === '' ? set.namespace : release}/record.json`;
	const text = writeRollbackRecord({ release, set, images, record: recorded });
	await storage.putText({ bucket: stored.bucket, key }, text, context.signal);
	context.log(`the record is ${key} in ${stored.bucket}`);
}
