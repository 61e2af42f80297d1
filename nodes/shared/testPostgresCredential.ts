import type { ICredentialsDecrypted, ICredentialTestFunctions, INodeCredentialTestResult } from 'n8n-workflow';
import { connectPostgres } from '../../lib/support/postgres.client';
import { redact } from '../../lib/support/redact';
import { postgresConnection, text } from './credentials';

/** Credential test: connects, asks for the server's version and disconnects. */
export async function testPostgresCredential(credential: ICredentialsDecrypted): Promise<INodeCredentialTestResult> {
	const data = credential.data ?? {};
	try {
		const client = await connectPostgres(postgresConnection(credential.type, data));
		try {
			await client.query('SELECT version()');
		} finally {
			await client.end();
		}
		return { status: 'OK', message: 'Connection successful' };
	} catch (error) {
		const message = error instanceof Error ? error.message : String(error);
		return { status: 'Error', message: redact(message, [text(data, 'password')]) };
	}
}

/** The same, in the shape that a node's `methods.credentialTest` wants. */
export async function testLedgerCredential(
	this: ICredentialTestFunctions,
	credential: ICredentialsDecrypted,
): Promise<INodeCredentialTestResult> {
	return await testPostgresCredential(credential);
}
