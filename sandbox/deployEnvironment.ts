import { databaseUrl } from './createDatabases.ts';
import { createDeployments, waitForVersion } from './deployApplications.ts';
import { production } from './environments.ts';
import type { EnvironmentEndpoints } from './environments.ts';
import type { ApiConnection } from './kubelet/connectToApi.ts';
import type { ObjectStorageHandle } from './objectStorage.ts';
import type { RedisHandle } from './redis.ts';
import type { RegistryHandle } from './registry.ts';

export interface EnvironmentDeployment {
	readonly environment: EnvironmentEndpoints;
	readonly redis: RedisHandle;
	readonly storage: ObjectStorageHandle;
	readonly filesBucket: string;
	readonly registry: RegistryHandle;
	readonly version: string;
	readonly unhealthyAfterMs: number;
	readonly signal: AbortSignal | undefined;
}

const servingTimeoutMs = 60_000;

/** Deploys a version to an environment's blue and waits until its live Services serve it. */
export async function deployEnvironment(
	connection: ApiConnection,
	{ environment, redis, storage, registry, version, signal, ...deployment }: EnvironmentDeployment,
): Promise<void> {
	const { name, namespace, services, database } = environment;
	const backend = {
		DATABASE_URL: databaseUrl(database),
		REDIS_URL: `redis://:${encodeURIComponent(redis.password)}@${redis.host}:${redis.port}`,
		S3_ENDPOINT: storage.endpoint,
		S3_REGION: storage.region,
		S3_BUCKET: deployment.filesBucket,
		S3_ACCESS_KEY_ID: storage.accessKeyId,
		S3_SECRET_ACCESS_KEY: storage.secretAccessKey,
		UNHEALTHY_AFTER_MS: String(deployment.unhealthyAfterMs),
	};
	await createDeployments(connection, {
		namespace,
		image: (application) => registry.image(application, version),
		environment: { backend, frontend: { BACKEND_URL: services.backend } },
		replicas: { backend: name === production ? 2 : 1, frontend: 1 },
	});
	for (const url of [`${services.backend}/health`, `${services.frontend}/api/health`])
		await waitForVersion(connection, { namespace, url, version, timeoutMs: servingTimeoutMs, signal });
}
