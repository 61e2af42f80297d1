import type { ICredentialDataDecryptedObject } from 'n8n-workflow';

/** Turns one credential type into a connection or a client. */
export interface CredentialOpener<Client> {
	/** Credential type name, e.g. `postgres`. */
	readonly credential: string;
	/** The values that must never be shown. */
	secrets(data: ICredentialDataDecryptedObject): readonly string[];
	/** The client, or a plain connection object. `close` is called when the execution of the node ends. */
	open(data: ICredentialDataDecryptedObject): Promise<{ readonly client: Client; close?(): Promise<void> }>;
}
