import type { ICredentialDataDecryptedObject } from 'n8n-workflow';
import type { PagerConnection } from '../../lib/paging/model';
import { supportErrors } from '../../lib/support/errors';
import type { CredentialOpener } from './credentialOpener';
import { text } from './credentials';

/** The PagerDuty Events credential, as a connection. @throws RunbookError CREDENTIAL.FIELD_MISSING */
export const pagerDutyCredential: CredentialOpener<PagerConnection> = {
	credential: 'pagerDutyEvents',
	secrets: (data) => [text(data, 'routingKey')],
	open: async (data) => await Promise.resolve({ client: pagerConnection(data) }),
};

/** The credential's fields as a connection. @throws RunbookError CREDENTIAL.FIELD_MISSING */
export function pagerConnection(data: ICredentialDataDecryptedObject): PagerConnection {
	const baseUrl = text(data, 'baseUrl') || 'https://events.pagerduty.com';
	const routingKey = text(data, 'routingKey').trim();
	if (routingKey === '') throw supportErrors.FIELD_MISSING({ credential: 'pagerDutyEvents', field: 'routing key' });
	if (!/^https?:\/\//i.test(baseUrl) || !URL.canParse(baseUrl))
		throw supportErrors.FIELD_MISSING({
			credential: 'pagerDutyEvents',
			field: 'base URL that starts with https://',
		});
	return { baseUrl, routingKey };
}
