import type { ICredentialDataDecryptedObject } from 'n8n-workflow';
import type { FileStorage } from '../../lib/storage/sync/model';
import { openFileStorage } from '../../lib/storage/sync/fileStorage.client';
import type { CredentialOpener } from './credentialOpener';
import { text } from './credentials';
import { s3Connection } from './objectStorageCredential';

/** n8n's own S3 credential, for copying files between buckets. */
export const fileStorage: CredentialOpener<FileStorage> = fileStorageOpener('s3');

/** The storage that copies go to when it is another server than the files'. */
export const destinationStorage: CredentialOpener<FileStorage> = fileStorageOpener('destinationS3');

function fileStorageOpener(credential: string): CredentialOpener<FileStorage> {
	return {
		credential,
		secrets: (data) => [text(data, 'secretAccessKey'), text(data, 'accessKeyId')],
		open: async (data: ICredentialDataDecryptedObject) => {
			const client = await openFileStorage(s3Connection(credential, data));
			const close = async (): Promise<void> => {
				client.close();
				await Promise.resolve();
			};
			return { client, close };
		},
	};
}
