import { databaseUrl } from './createDatabases.ts';
import { createDeployments, createWorkers, waitForVersion } from './deployApplications.ts';
import { production } from './environments.ts';
import type { EnvironmentEndpoints } from './environments.ts';
import type { ApiConnection } from './kubelet/connectToApi.ts';
import type { ObjectStorageHandle } from './objectStorage.ts';
import type { RedisHandle } from './redis.ts';
import type { Application, RegistryHandle } from './registry.ts';

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

/** How long a first deployment may take. */
export const servingTimeoutMs = 60_000;

/** Deploys a version to an environment's blue and waits until its live Services serve it. */
export async function deployEnvironment(
	connection: ApiConnection,
	{ environment, ...deployment }: EnvironmentDeployment,
): Promise<void> {
	const { name, namespace, services, database } = environment;
	const { registry, version, signal } = deployment;
	const backend = backendEnvironment(databaseUrl(database), deployment);
	const plan = {
		namespace,
		image: (application: Application) => registry.image(application, version),
		environment: { backend, frontend: { BACKEND_URL: services.backend } },
		replicas: { backend: name === production ? 2 : 1, frontend: 1 },
	};
	await createDeployments(connection, plan);
	// All environments share one Redis, in which the worker notes what it did.
	if (name === production) await createWorkers(connection, plan);
	for (const url of [`${services.backend}/health`, `${services.frontend}/api/health`])
		await waitForVersion(connection, { namespace, url, version, timeoutMs: servingTimeoutMs, signal });
}

type SharedServices = Pick<EnvironmentDeployment, 'redis' | 'storage' | 'filesBucket' | 'unhealthyAfterMs'>;

/** What a backend is told: its database, and what all environments share. */
export function backendEnvironment(database: string, shared: SharedServices): Record<string, string> {
	return { DATABASE_URL: database, ...sharedServices(shared) };
}

/** What a backend is told besides its database. */
export function sharedServices({
	redis,
	storage,
	filesBucket,
	unhealthyAfterMs,
}: SharedServices): Record<string, string> {
	return {
		REDIS_URL: `redis://:${encodeURIComponent(redis.password)}@${redis.host}:${redis.port}`,
		S3_ENDPOINT: storage.endpoint,
		S3_REGION: storage.region,
		S3_BUCKET: filesBucket,
		S3_ACCESS_KEY_ID: storage.accessKeyId,
		S3_SECRET_ACCESS_KEY: storage.secretAccessKey,
		UNHEALTHY_AFTER_MS: String(unhealthyAfterMs),
	};
}
