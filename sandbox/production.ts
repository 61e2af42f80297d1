import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { migrationsFolder } from './app/applyMigrations.ts';
import { createCleanups } from './cleanups.ts';
import type { Cleanups } from './cleanups.ts';
import { databaseUrl } from './createDatabases.ts';
import { createDeployments, createNamespaces, createServices, waitForVersion } from './deployApplications.ts';
import type { ServiceUrls } from './deployApplications.ts';
import { createDirectory } from './createDirectory.ts';
import { connectToApi } from './kubelet/connectToApi.ts';
import type { ApiAddress } from './kubelet/connectToApi.ts';
import { startKubelet } from './kubelet/startKubelet.ts';
import { startServiceProxy } from './kubelet/startServiceProxy.ts';
import { startKubernetesApi } from './kubernetes/startKubernetesApi.ts';
import type { LoadGeneratorHandle } from './loadGenerator.ts';
import { productionNamespace, stagingNamespace } from './manifests.ts';
import { startObjectStorage } from './objectStorage.ts';
import { startPagerInbox } from './pagerInbox.ts';
import type { PagerInboxHandle } from './pagerInbox.ts';
import { startOperationsDatabases, startProductionDatabase } from './startDatabases.ts';
import { startRedis } from './redis.ts';
import type { ProductionEndpoints } from './productionEndpoints.ts';
import { startProductionLoad } from './startProductionLoad.ts';
import { startRegistry } from './registry.ts';
import type { ImageVersion, RegistryHandle } from './registry.ts';

export interface ProductionOptions {
	/** Where this start makes its one folder (deleted by `stop()`); absent: the system's folder for temporary files. */
	readonly directory?: string;
	readonly progress?: (message: string) => void;
	/** Aborting it ends the start: what had started is stopped, then the start rejects. */
	readonly signal?: AbortSignal;
	/** Image versions besides the standard ones. */
	readonly versions?: readonly ImageVersion[];
	/** 30 unless said; 0: no load. */
	readonly requestsPerSecond?: number;
	/** For the version that turns unhealthy; 20 000 unless said. */
	readonly unhealthyAfterMs?: number;
}

export type { ProductionEndpoints } from './productionEndpoints.ts';

export interface ProductionHandle {
	readonly endpoints: ProductionEndpoints;
	readonly registry: RegistryHandle;
	readonly pager: PagerInboxHandle;
	/** Undefined when no load was asked for. */
	readonly load: LoadGeneratorHandle | undefined;
	stop(): Promise<void>;
}

/** What runs on blue at first. */
export const initialVersion = '2026.11.1';

const buckets = { files: 'case-management-files', backups: 'case-management-backups' };
const servingTimeoutMs = 60_000;

/**
 * Starts the whole look-alike of production and resolves when the live Services serve version 2026.11.1 under load.
 * When a part fails, or the signal aborts, what had started is stopped before the start rejects.
 */
export async function startProduction(options: ProductionOptions = {}): Promise<ProductionHandle> {
	const cleanups = createCleanups();
	try {
		return await start(options, cleanups);
	} catch (error) {
		await cleanups.run();
		throw options.signal?.aborted ? new Error('the start of the sandbox was interrupted', { cause: error }) : error;
	}
}

async function start({ signal, ...options }: ProductionOptions, cleanups: Cleanups): Promise<ProductionHandle> {
	const progress = options.progress ?? (() => {});
	const directory = await createDirectory(options.directory, cleanups);
	const testUser = { email: 'test@example.com', password: randomBytes(12).toString('base64url') };

	/** Registers a part's end the moment it runs, so that an interrupted start leaves nothing. */
	async function started<T extends { stop(): Promise<void> }>(name: string, part: Promise<T>): Promise<T> {
		const handle = await part;
		cleanups.add(name, () => handle.stop());
		progress(`${name} runs`);
		signal?.throwIfAborted();
		return handle;
	}

	async function startCluster(): Promise<{ api: ApiAddress; services: ServiceUrls }> {
		const { url, ca, token } = await started('Kubernetes API', startKubernetesApi());
		const api = { url, ca, token };
		const namespaces = [productionNamespace, stagingNamespace];
		await createNamespaces(connectToApi(api));
		await allSettledOrThrow([
			started(
				'kubelet',
				startKubelet({ api, namespaces, compileCacheDirectory: join(directory, 'compile-cache') }),
			),
			started('service proxy', startServiceProxy({ api, namespaces })),
		]);
		return { api, services: await createServices(connectToApi(api), signal) };
	}

	const [{ superuser, production }, others, redis, storage, registry, pager, { api, services }] =
		await allSettledOrThrow([
			startProductionDatabase({ directory, started, testUser }),
			startOperationsDatabases({ directory, started }),
			started('Redis', startRedis({ directory: join(directory, 'redis') })),
			started(
				'object storage',
				startObjectStorage({ directory: join(directory, 'object-storage'), buckets: Object.values(buckets) }),
			),
			started('registry', startRegistry({ versions: options.versions ?? [] })),
			started('pager inbox', startPagerInbox()),
			startCluster(),
		]);

	const { endpoint, region, accessKeyId, secretAccessKey } = storage;
	const environment = {
		backend: {
			DATABASE_URL: databaseUrl(production),
			REDIS_URL: `redis://:${encodeURIComponent(redis.password)}@${redis.host}:${redis.port}`,
			S3_ENDPOINT: endpoint,
			S3_REGION: region,
			S3_BUCKET: buckets.files,
			S3_ACCESS_KEY_ID: accessKeyId,
			S3_SECRET_ACCESS_KEY: secretAccessKey,
			UNHEALTHY_AFTER_MS: String(options.unhealthyAfterMs ?? 20_000),
		},
		frontend: { BACKEND_URL: services.backend },
	};
	const connection = connectToApi(api);
	const image = (application: 'backend' | 'frontend') => registry.image(application, initialVersion);
	await createDeployments(connection, { image, environment, replicas: { backend: 2, frontend: 1 } });
	progress(`waiting for version ${initialVersion} to serve`);
	for (const url of [`${services.backend}/health`, `${services.frontend}/api/health`]) {
		await waitForVersion(connection, { url, version: initialVersion, timeoutMs: servingTimeoutMs, signal });
	}
	const load = startProductionLoad({ services, testUser, requestsPerSecond: options.requestsPerSecond ?? 30 });
	if (load) await started('load generator', Promise.resolve(load));

	return {
		endpoints: {
			directory,
			postgres: superuser,
			databases: { production, ...others },
			redis: { host: redis.host, port: redis.port, password: redis.password },
			s3: { endpoint, region, accessKeyId, secretAccessKey, buckets },
			kubernetes: { ...api, namespace: productionNamespace },
			registry: { url: registry.url, host: registry.host },
			pager: {
				url: pager.url,
				enqueueUrl: pager.enqueueUrl,
				inboxUrl: pager.inboxUrl,
				routingKey: pager.routingKey,
			},
			services,
			testUser,
			migrationsFolder,
			verificationQueries: join(migrationsFolder, '..', 'verification-queries.sql'),
		},
		registry,
		pager,
		load,
		stop: () => cleanups.run(),
	};
}

/** Like Promise.all, but waits for every part also when one fails: a part still starting could not be stopped. */
async function allSettledOrThrow<T extends readonly unknown[] | []>(
	parts: T,
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
	await Promise.allSettled(parts);
	return Promise.all(parts);
}
