import type { ICredentialsDecrypted, ICredentialTestFunctions, INodeCredentialTestResult } from 'n8n-workflow';
import { checkLogin } from '../../lib/storage/checkLogin.client';
import { redact } from '../../lib/support/redact';
import { destinationStorage } from '../shared/fileStorageCredential';
import { s3Connection } from '../shared/objectStorageCredential';

/** Credential test: logs in. Whether the key pair may write into the bucket shows only there. */
export async function testDestinationCredential(
	this: ICredentialTestFunctions,
	credential: ICredentialsDecrypted,
): Promise<INodeCredentialTestResult> {
	const data = credential.data ?? {};
	try {
		const { mayListBuckets } = await checkLogin(s3Connection('destinationS3', data));
		const message = mayListBuckets ? 'Connection successful' : 'Connected; the key pair may not list buckets';
		return { status: 'OK', message };
	} catch (error) {
		const message = error instanceof Error ? error.message : String(error);
		return { status: 'Error', message: redact(message, destinationStorage.secrets(data)) };
	}
}
