import type { ICredentialDataDecryptedObject } from 'n8n-workflow';
import type { ObjectStorage, ObjectStorageConnection } from '../../lib/storage/model';
import { openObjectStorage } from '../../lib/storage/objectStorage.client';
import { probeBucket, type ProbedCall } from '../../lib/storage/probeBucket.client';
import { openS3Session } from '../../lib/storage/s3Session.client';
import { supportErrors } from '../../lib/support/errors';
import { text } from './credentials';
import type { CredentialOpener } from './credentialOpener';

/** A check is to answer soon; what it asks is small. */
const PROBE_PATIENCE = { attempts: 2, retryMode: 'standard', requestTimeoutMs: 20_000 } as const;

/** n8n's own S3 credential, for any S3-compatible storage. @throws RunbookError CREDENTIAL.FIELD_MISSING, STORAGE.ENDPOINT_INVALID */
export const objectStorage: CredentialOpener<ObjectStorage> = {
	credential: 's3',
	// The access key id is half of a login; it is masked like the secret.
	secrets: (data) => [text(data, 'secretAccessKey'), text(data, 'accessKeyId')],
	open: async (data) => {
		const client = await openObjectStorage(s3Connection('s3', data));
		const close = async (): Promise<void> => {
			client.close();
			await Promise.resolve();
		};
		return { client, close };
	},
};

/** The same, for trying what the key pair may do in a bucket. */
export const bucketProber: CredentialOpener<
	(location: { readonly bucket: string; readonly prefix: string }, signal: AbortSignal) => Promise<ProbedCall[]>
> = {
	credential: 's3',
	secrets: objectStorage.secrets,
	open: async (data) => {
		const session = await openS3Session(s3Connection('s3', data), PROBE_PATIENCE);
		const close = async (): Promise<void> => {
			session.client.destroy();
			await Promise.resolve();
		};
		return { client: async (location, signal) => await probeBucket(session, location, signal), close };
	},
};

/** The fields of n8n's S3 credential, and of ours that is like it, as a connection. @throws RunbookError CREDENTIAL.FIELD_MISSING */
export function s3Connection(credential: string, data: ICredentialDataDecryptedObject): ObjectStorageConnection {
	for (const field of ['region', 'accessKeyId', 'secretAccessKey']) {
		if (text(data, field) === '') throw supportErrors.FIELD_MISSING({ credential, field });
	}
	return {
		endpoint: text(data, 'endpoint'),
		region: text(data, 'region'),
		accessKeyId: text(data, 'accessKeyId'),
		secretAccessKey: text(data, 'secretAccessKey'),
		forcePathStyle: data.forcePathStyle === true,
		ignoreCertificate: data.ignoreSSLIssues === true,
	};
}
