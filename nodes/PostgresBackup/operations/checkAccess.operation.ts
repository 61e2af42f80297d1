import { checkAccess as check } from '../../../lib/backup/access/checkAccess';
import type { Capability } from '../../../lib/backup/access/model';
import type { BackupLocation } from '../../../lib/backup/model';
import type { ProbedCall } from '../../../lib/storage/probeBucket.client';
import { scratchPostgres, targetPostgres } from '../../shared/credentials';
import { fieldsOf } from '../../shared/describeOperations';
import { bucketProber } from '../../shared/objectStorageCredential';
import type { Operation } from '../../shared/operation';
import { locationFields, readLocation } from '../locationFields';
import { toJson } from '../restoreRun';

interface Parameters {
	readonly location: BackupLocation;
}

/** What each call on the bucket is for, and the action of a bucket policy that allows it. */
const CALLS: Readonly<Record<ProbedCall['call'], readonly [what: string, action: string]>> = {
	put: ['store an object', 's3:PutObject'],
	list: ['list the folder', 's3:ListBucket'],
	read: ['read an object back', 's3:GetObject'],
	multipart: ['upload in parts', 's3:PutObject'],
	discard: ['discard an upload in parts', 's3:AbortMultipartUpload'],
	delete: ['delete an object', 's3:DeleteObject'],
};

/** Says what the credentials of a backup may do, before one is needed. */
export const checkAccess: Operation<Parameters> = {
	name: 'checkAccess',
	kind: 'verdict',
	resultKey: 'access',
	description: fieldsOf('checkAccess', locationFields),
	deadlineMs: () => 300_000,
	readParameters: (context, itemIndex) => ({ location: readLocation(context, itemIndex) }),
	plan: ({ location }) => ({ key: '', inputs: { ...location } }),
	run: async ({ parameters: { location }, open, signal }) => {
		const [source, scratch, probe] = [
			await open(targetPostgres),
			await open(scratchPostgres),
			await open(bucketProber),
		];
		const probeBucket = async (): Promise<Capability[]> => (await probe(location, signal)).map(toCapability);
		const { verdict, capabilities } = await check({ source, scratch, probeBucket }, { signal });
		return { verdict, result: toJson({ capabilities }) };
	},
};

function toCapability({ call, allowed, problem }: ProbedCall): Capability {
	const [what, action] = CALLS[call];
	return {
		where: 'bucket',
		what,
		held: allowed,
		detail: problem,
		remedy: allowed === true ? '' : `Allow ${action} in the policy of the key pair, or correct the bucket`,
	};
}
