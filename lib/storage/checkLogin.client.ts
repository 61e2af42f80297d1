import type { ObjectStorageConnection } from './model';
import { openS3Session } from './s3Session.client';
import { isDenied, storageError } from './storageError';

const PATIENCE = { attempts: 2, retryMode: 'standard', requestTimeoutMs: 20_000 } as const;

/**
 * Signs one call. A key pair that is known and may not list the account's buckets is a good one: few need to.
 * @throws RunbookError STORAGE.*
 */
export async function checkLogin(connection: ObjectStorageConnection): Promise<{ readonly mayListBuckets: boolean }> {
	const { sdk, client } = await openS3Session(connection, PATIENCE);
	try {
		await client.send(new sdk.ListBucketsCommand({}));
		return { mayListBuckets: true };
	} catch (error) {
		// Other refusals are of the key or its signature.
		if (isDenied(error) && (error as Error).name === 'AccessDenied') return { mayListBuckets: false };
		throw storageError(error, { action: 'log in', bucket: '(none)' });
	} finally {
		client.destroy();
	}
}
