import { X509Certificate } from 'node:crypto';
import { rolloutErrors } from './errors';

const CERTIFICATE = /-----BEGIN CERTIFICATE-----([\s\S]*?)-----END CERTIFICATE-----/g;

/**
 * Certificates as Node takes them, from PEM that may have lost its line breaks, or from the base64 of a kubeconfig. Empty stays empty.
 * @throws RunbookError ROLLOUT.CREDENTIAL_INVALID naming the field
 */
export function parseCertificates(text: string, field: string): string {
	if (text === '') return '';
	const pem = text.includes('BEGIN CERTIFICATE')
		? text.replaceAll('\\n', '\n')
		: Buffer.from(text, 'base64').toString('utf8');
	const bodies = [...pem.matchAll(CERTIFICATE)].map(([, body = '']) => body.replaceAll(/\s+/g, ''));
	const remedy = `Paste the ${field}: PEM from -----BEGIN CERTIFICATE----- on, or the base64 of a kubeconfig`;
	if (bodies.length === 0) throw rolloutErrors.CREDENTIAL_INVALID({ problem: `its ${field} is not PEM`, remedy });
	const blocks = bodies.map(
		(body) =>
			`-----BEGIN CERTIFICATE-----\n${body.replaceAll(/(.{64})(?=.)/g, '$1\n')}\n-----END CERTIFICATE-----\n`,
	);
	for (const block of blocks) {
		try {
			new X509Certificate(block);
		} catch {
			throw rolloutErrors.CREDENTIAL_INVALID({ problem: `its ${field} cannot be read`, remedy });
		}
	}
	return blocks.join('');
}
