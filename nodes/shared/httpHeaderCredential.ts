import type { CredentialOpener } from './credentialOpener';
import { text } from './credentials';

/** n8n's own Header Auth credential, as the header it adds. */
export const httpHeaderCredential: CredentialOpener<Readonly<Record<string, string>>> = {
	credential: 'httpHeaderAuth',
	secrets: (data) => [text(data, 'value')],
	open: async (data) => await Promise.resolve({ client: { [text(data, 'name')]: text(data, 'value') } }),
};
