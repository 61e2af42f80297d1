import type { RedisConnection } from '../../lib/health/redis.client';
import { supportErrors } from '../../lib/support/errors';
import type { CredentialOpener } from './credentialOpener';
import { text } from './credentials';

/** n8n's own Redis credential, as a connection. @throws RunbookError CREDENTIAL.FIELD_MISSING */
export const redisCredential: CredentialOpener<RedisConnection> = {
	credential: 'redis',
	secrets: (data) => [text(data, 'password')],
	open: async (data) => {
		if (text(data, 'host') === '') throw supportErrors.FIELD_MISSING({ credential: 'redis', field: 'host' });
		const client: RedisConnection = {
			host: text(data, 'host'),
			port: Number(data.port ?? 6379),
			user: text(data, 'user'),
			password: text(data, 'password'),
			database: Number(data.database ?? 0),
			ssl: data.ssl !== true ? 'disable' : data.disableTlsVerification === true ? 'require' : 'verify-full',
		};
		return await Promise.resolve({ client });
	},
};
