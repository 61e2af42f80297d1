import type { ICredentialsDecrypted, ICredentialTestFunctions, INodeCredentialTestResult } from 'n8n-workflow';
import { recipientOf } from '../../lib/backup/encryption/header.client';
import { text } from '../shared/credentials';

/** Credential test: says which public key belongs to the identity, without showing that. */
export async function testBackupIdentity(
	this: ICredentialTestFunctions,
	credential: ICredentialsDecrypted,
): Promise<INodeCredentialTestResult> {
	const recipient = await recipientOf(text(credential.data ?? {}, 'secretKey').trim());
	return recipient === undefined
		? { status: 'Error', message: 'This is no identity of age: it begins with AGE-SECRET-KEY-1' }
		: { status: 'OK', message: `Opens what is encrypted for ${recipient}` };
}
