import type { ICredentialsDecrypted, ICredentialTestFunctions, INodeCredentialTestResult } from 'n8n-workflow';
import { mayCreateDatabases } from '../../lib/backup/scratch.client';
import { redact } from '../../lib/support/redact';
import { postgresConnection, text } from '../shared/credentials';

/** Credential test: connects, and asks whether the role may create databases, without which no backup can be verified. */
export async function testScratchCredential(
	this: ICredentialTestFunctions,
	credential: ICredentialsDecrypted,
): Promise<INodeCredentialTestResult> {
	const data = credential.data ?? {};
	try {
		if (await mayCreateDatabases(postgresConnection('scratchPostgres', data)))
			return { status: 'OK', message: 'Connection successful' };
		return { status: 'Error', message: 'Connected, but the role may not create databases: ALTER ROLE … CREATEDB' };
	} catch (error) {
		const message = error instanceof Error ? error.message : String(error);
		return { status: 'Error', message: redact(message, [text(data, 'password')]) };
	}
}
