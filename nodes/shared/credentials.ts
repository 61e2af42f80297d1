import type { ICredentialDataDecryptedObject } from 'n8n-workflow';
import { openLedger } from '../../lib/release/ledger.client';
import type { Ledger } from '../../lib/release/ledger';
import type { PostgresConnection } from '../../lib/support/postgres.client';
import { supportErrors } from '../../lib/support/errors';
import type { CredentialOpener } from './credentialOpener';

/** n8n's own Postgres credential: the database that is backed up, migrated and checked. */
export const targetPostgres: CredentialOpener<PostgresConnection> = postgresOpener('postgres');

/** The server on which backups are restored to be verified. */
export const scratchPostgres: CredentialOpener<PostgresConnection> = postgresOpener('scratchPostgres');

/** Ledgers live as long as the process, one pool per credential: opening one costs a connection and the schema check. */
const ledgers = new Map<string, Promise<Ledger>>();

/** The operations database that remembers releases. */
export const releaseLedger: CredentialOpener<Ledger> = {
	credential: 'releaseLedger',
	secrets: (data) => [text(data, 'password')],
	open: async (data) => {
		const key = JSON.stringify(data);
		const opened = ledgers.get(key) ?? openLedger(postgresConnection('releaseLedger', data));
		ledgers.set(key, opened);
		opened.catch(() => ledgers.delete(key));
		return { client: await opened };
	},
};

/** n8n's Postgres fields as a connection. @throws RunbookError CREDENTIAL.SSH_TUNNEL, FIELD_MISSING, ADDRESS_IN_FIELD */
export function postgresConnection(credential: string, data: ICredentialDataDecryptedObject): PostgresConnection {
	if (data.sshTunnel === true) throw supportErrors.SSH_TUNNEL({ credential });
	for (const field of ['host', 'database', 'user']) {
		if (text(data, field) === '') throw supportErrors.FIELD_MISSING({ credential, field });
		// A URL as Prisma takes it, say.
		if (text(data, field).includes('://')) throw supportErrors.ADDRESS_IN_FIELD({ credential, field });
	}
	const unchecked = data.allowUnauthorizedCerts === true;
	// n8n's own credential hides its SSL field once certificates are not checked, and then encrypts whatever that field still says.
	const encrypted =
		(unchecked && credential === 'postgres') || (text(data, 'ssl') !== '' && text(data, 'ssl') !== 'disable');
	return {
		host: text(data, 'host'),
		port: Number(data.port ?? 5432),
		database: text(data, 'database'),
		user: text(data, 'user'),
		password: text(data, 'password'),
		ssl: !encrypted ? 'disable' : unchecked ? 'require' : 'verify-full',
	};
}

/** A credential's field as text; empty when absent. */
export function text(data: ICredentialDataDecryptedObject, field: string): string {
	const value = data[field];
	return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}

function postgresOpener(credential: string): CredentialOpener<PostgresConnection> {
	return {
		credential,
		secrets: (data) => [text(data, 'password')],
		open: async (data) => ({ client: postgresConnection(credential, data) }),
	};
}
