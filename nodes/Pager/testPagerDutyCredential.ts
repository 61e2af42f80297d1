import type { ICredentialsDecrypted, ICredentialTestFunctions, INodeCredentialTestResult } from 'n8n-workflow';
import { testConnection } from '../../lib/paging/testConnection';
import { pagerConnection } from '../shared/pagerDutyCredential';

/** Credential test: posts an event that the pager refuses, so that nobody is paged, and reads from the refusal whether the key is taken. */
export async function testPagerDutyCredential(
	this: ICredentialTestFunctions,
	credential: ICredentialsDecrypted,
): Promise<INodeCredentialTestResult> {
	try {
		const { ok, message } = await testConnection(pagerConnection(credential.data ?? {}));
		return { status: ok ? 'OK' : 'Error', message };
	} catch (error) {
		return { status: 'Error', message: error instanceof Error ? error.message : String(error) };
	}
}
