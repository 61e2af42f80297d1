import { X509Certificate } from 'node:crypto';
import type { ClusterConnection } from './cluster';
import { rolloutErrors } from './errors';

const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]'];
const CERTIFICATE = /-----BEGIN CERTIFICATE-----([\s\S]*?)-----END CERTIFICATE-----/g;

/**
 * A usable connection from what people typed or pasted: the PEM may have lost its line breaks or be base64 as in a kubeconfig.
 * Plain http is for loopback alone (kubectl proxy): elsewhere it would show the token.
 * @throws RunbookError ROLLOUT.CREDENTIAL_INVALID naming the field
 */
export function parseConnection(given: ClusterConnection): ClusterConnection {
	const bearerToken = given.bearerToken.trim();
	if (bearerToken === '') refuse('it has no bearer token', 'Fill in the token of a service account');
	if (!/^[\x21-\x7e]+$/.test(bearerToken))
		refuse(
			'its bearer token holds spaces or other characters that a token never has',
			'Paste the token again, in one line',
		);
	return {
		serverUrl: serverUrl(given.serverUrl.trim()),
		certificateAuthority: certificates(given.certificateAuthority.trim()),
		bearerToken,
		namespace: given.namespace.trim() || 'default',
	};
}

function serverUrl(text: string): string {
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

function certificates(text: string): string {
	if (text === '') return '';
	const pem = text.includes('BEGIN CERTIFICATE')
		? text.replaceAll('\\n', '\n')
		: Buffer.from(text, 'base64').toString('utf8');
	const bodies = [...pem.matchAll(CERTIFICATE)].map(([, body = '']) => body.replaceAll(/\s+/g, ''));
	const remedy =
		"Paste the cluster's certificate authority: PEM from -----BEGIN CERTIFICATE----- on, or the base64 of a kubeconfig";
	if (bodies.length === 0) refuse('its certificate authority is not PEM', remedy);
	const blocks = bodies.map(
		(body) =>
			`-----BEGIN CERTIFICATE-----\n${body.replaceAll(/(.{64})(?=.)/g, '$1\n')}\n-----END CERTIFICATE-----\n`,
	);
	for (const block of blocks) {
		try {
			new X509Certificate(block);
		} catch {
			refuse('its certificate authority cannot be read', remedy);
		}
	}
	return blocks.join('');
}

function refuse(problem: string, remedy: string): never {
	throw rolloutErrors.CREDENTIAL_INVALID({ problem, remedy });
}
