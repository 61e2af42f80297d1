import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, rootCertificates } from 'node:tls';
import type { PostgresConnection } from '../support/postgres.client';

/**
 * Runs `action` with the environment for libpq's certificate check: a temporary file that holds the authorities Node itself trusts
 * (NODE_EXTRA_CA_CERTS included), so that pg_dump accepts the very servers that the driver accepts. No file unless it is checked.
 */
export async function withCertificates<T>(
	{ ssl }: PostgresConnection,
	action: (file: string | undefined) => Promise<T>,
): Promise<T> {
	if (ssl !== 'verify-full') return await action(undefined);
	const folder = await mkdtemp(join(tmpdir(), 'runbook-certificates-'));
	try {
		const file = join(folder, 'authorities.pem');
		await writeFile(file, trustedCertificates().join('\n'), { mode: 0o600 });
		return await action(file);
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
}

/** getCACertificates came with Node 22.15. */
function trustedCertificates(): readonly string[] {
	return typeof getCACertificates === 'function' ? getCACertificates('default') : rootCertificates;
}
