import type { Account } from '../../lib/health/fillAccount';
import type { CredentialOpener } from '../shared/credentialOpener';
import { text } from '../shared/credentials';

/** n8n's own Basic Auth credential, as the synthetic account that fills `${user}` and `${password}` in a body. */
export const accountCredential: CredentialOpener<Account> = {
	credential: 'httpBasicAuth',
	secrets: (data) => [text(data, 'password')],
	open: async (data) =>
		await Promise.resolve({ client: { user: text(data, 'user'), password: text(data, 'password') } }),
};
