import type { ClusterConnection } from './cluster';
import { rolloutErrors } from './errors';
import { parseCertificates } from './parseCertificates';

const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]'];

/**
 * A usable connection from the address and the token that people typed or pasted.
 * Plain http is for loopback alone (kubectl proxy): elsewhere it would show the token.
 * @throws RunbookError ROLLOUT.CREDENTIAL_INVALID naming the field
 */
export function parseConnection(given: ClusterConnection): ClusterConnection {
	if (given.bearerToken.trim() === '') refuse('it has no bearer token', 'Fill in the token of a service account');
	return {
		serverUrl: parseServerUrl(given.serverUrl.trim()),
		certificateAuthority: parseCertificates(given.certificateAuthority.trim(), 'certificate authority'),
		bearerToken: parseToken(given.bearerToken),
		namespace: given.namespace.trim() || 'default',
	};
}

/** A token that a header can carry. @throws RunbookError ROLLOUT.CREDENTIAL_INVALID */
export function parseToken(text: string): string {
	const token = text.trim();
	if (!/^[\x21-\x7e]+$/.test(token))
		refuse(
			'its bearer token holds spaces or other characters that a token never has',
			'Paste the token again, in one line',
		);
	return token;
}

/** The API's address without a trailing slash. @throws RunbookError ROLLOUT.CREDENTIAL_INVALID */
export function parseServerUrl(text: string): string {
	const url = URL.canParse(text)
		? new URL(text)
		: refuse(
				'its server URL is not a URL',
				'Give the address of the API, e.g. https://kubernetes.example.com:6443',
			);
	const isSafe = url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.includes(url.hostname));
	if (!isSafe)
		refuse('its server URL is not https', 'Give an https URL; plain http would show the token to the network');
	if (url.username !== '' || url.password !== '')
		refuse('its server URL holds a user or password', 'Put only the address there; the token has its own field');
	return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}

function refuse(problem: string, remedy: string): never {
	throw rolloutErrors.CREDENTIAL_INVALID({ problem, remedy });
}
