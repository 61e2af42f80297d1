import type { ICredentialsDecrypted, ICredentialTestFunctions, INodeCredentialTestResult } from 'n8n-workflow';
import { createApprovalLinks, type ApprovalLinks } from '../../lib/approval/approvalLinks';
import type { CredentialOpener } from '../shared/credentialOpener';
import { text } from '../shared/credentials';

/** The Approval Links credential, as what signs and reads links. @throws RunbookError APPROVAL.SECRET_TOO_SHORT */
export const approvalLinks: CredentialOpener<ApprovalLinks> = {
	credential: 'approvalLinks',
	secrets: (data) => [text(data, 'secret'), text(data, 'secret').trim()],
	open: async (data) => ({ client: createApprovalLinks(text(data, 'secret')) }),
};

/** Credential test: the secret is long enough. */
export async function testApprovalLinks(
	this: ICredentialTestFunctions,
	credential: ICredentialsDecrypted,
): Promise<INodeCredentialTestResult> {
	try {
		createApprovalLinks(text(credential.data ?? {}, 'secret'));
		return await Promise.resolve({ status: 'OK', message: 'The secret is long enough' });
	} catch (error) {
		return { status: 'Error', message: error instanceof Error ? error.message : String(error) };
	}
}
