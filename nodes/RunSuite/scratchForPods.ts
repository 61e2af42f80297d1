import type { PostgresConnection } from '../../lib/support/postgres.client';
import type { CredentialOpener } from '../shared/credentialOpener';
import { scratchPostgres } from '../shared/credentials';

/** The scratch server, whose password also stands in a URL: what an application prints of that is masked as well. */
export const scratchForPods: CredentialOpener<PostgresConnection> = {
	...scratchPostgres,
	secrets: (data) => scratchPostgres.secrets(data).flatMap((secret) => [secret, encodeURIComponent(secret)]),
};
