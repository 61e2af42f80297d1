import type { ICredentialDataDecryptedObject, IWebhookFunctions } from 'n8n-workflow';
import { supportErrors } from '../../lib/support/errors';

/**
 * A credential while a request is being answered. One that the node does not name counts as one whose fields are empty, so that what opens it
 * says which field is wanted. @throws RunbookError CREDENTIAL.UNREADABLE, retryable, when the node names one that n8n cannot hand out
 */
export async function readWebhookCredential(
	context: IWebhookFunctions,
	credential: string,
): Promise<ICredentialDataDecryptedObject> {
	if (!context.getNode().credentials?.[credential]) return {};
	try {
		return await context.getCredentials(credential);
	} catch (error) {
		throw supportErrors.UNREADABLE({ credential }, error);
	}
}
