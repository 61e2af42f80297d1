import type { ICredentialDataDecryptedObject } from 'n8n-workflow';
import type { ObjectStorage, ObjectStorageConnection } from '../../lib/storage/model';
import { openObjectStorage } from '../../lib/storage/objectStorage.client';
import { supportErrors } from '../../lib/support/errors';
import { text } from './credentials';
import type { CredentialOpener } from './credentialOpener';

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
