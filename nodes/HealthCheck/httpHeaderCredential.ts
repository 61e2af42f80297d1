import type { CredentialOpener } from '../shared/credentialOpener';
import { text } from '../shared/credentials';

/** n8n's own Header Auth credential, as the header it adds. */
export const httpHeaderCredential: CredentialOpener<Readonly<Record<string, string>>> = {
	credential: 'httpHeaderAuth',
	secrets: (data) => [text(data, 'value')],
	open: async (data) => await Promise.resolve({ client: { [text(data, 'name')]: text(data, 'value') } }),
};
