import type { ICredentialsDecrypted, ICredentialTestFunctions, INodeCredentialTestResult } from 'n8n-workflow';
import type { JourneyAccounts } from '../../lib/validation/journey/runJourney';
import { supportErrors } from '../../lib/support/errors';
import type { CredentialOpener } from '../shared/credentialOpener';
import { text } from '../shared/credentials';

/** The Synthetic Accounts credential. @throws RunbookError CREDENTIAL.FIELD_MISSING */
export const syntheticAccounts: CredentialOpener<JourneyAccounts> = {
	credential: 'syntheticAccounts',
	secrets: (data) => [text(data, 'password'), text(data, 'otherPassword')],
	open: async (data) => {
		for (const field of ['user', 'password']) {
			if (text(data, field) === '') throw supportErrors.FIELD_MISSING({ credential: 'syntheticAccounts', field });
		}
		return await Promise.resolve({
			client: {
				user: text(data, 'user'),
				password: text(data, 'password'),
				otherUser: text(data, 'otherUser'),
				otherPassword: text(data, 'otherPassword'),
			},
		});
	},
};

/** Credential test: there is an account, and the other one is another. Whether they can log in, only the journey knows. */
export async function testSyntheticAccounts(
	this: ICredentialTestFunctions,
	credential: ICredentialsDecrypted,
): Promise<INodeCredentialTestResult> {
	const data = credential.data ?? {};
	const problem =
		text(data, 'user') === '' || text(data, 'password') === ''
			? 'User and password are needed'
			: text(data, 'user').toLowerCase() === text(data, 'otherUser').toLowerCase()
				? 'The other user is the same one: steps that prove permissions would prove nothing'
				: undefined;
	return await Promise.resolve(
		problem === undefined
			? { status: 'OK', message: 'The accounts are complete' }
			: { status: 'Error', message: problem },
	);
}
