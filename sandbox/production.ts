import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { allSettledOrThrow } from './allSettledOrThrow.ts';
import { migrationsFolder } from './app/applyMigrations.ts';
import { createCleanups } from './cleanups.ts';
import type { Cleanups } from './cleanups.ts';
import { createDirectory } from './createDirectory.ts';
import { createRehearsalSecrets } from './createRehearsalSecrets.ts';
import { deployEnvironment, sharedServices } from './deployEnvironment.ts';
import { deployStaging, stagingNamespace } from './deployStaging.ts';
import type { StagingEndpoints } from './deployStaging.ts';
import { checkEnvironments, describeEnvironment, nameIn, production } from './environments.ts';
import { connectToApi } from './kubelet/connectToApi.ts';
import type { LoadGeneratorHandle } from './loadGenerator.ts';
import { startMailInbox } from './mailInbox.ts';
import type { MailInboxHandle } from './mailInbox.ts';
import { hasMonitoring, startMonitoring } from './monitoring.ts';
import { startObjectStorage } from './objectStorage.ts';
import { startPagerInbox } from './pagerInbox.ts';
import type { PagerInboxHandle } from './pagerInbox.ts';
import type { ProductionEndpoints } from './productionEndpoints.ts';
import { startRedis } from './redis.ts';
import { startRegistry } from './registry.ts';
import type { ImageVersion, RegistryHandle } from './registry.ts';
import { startCluster } from './startCluster.ts';
import { startOperationsDatabases, startProductionDatabases } from './startDatabases.ts';
import { startProductionLoad } from './startProductionLoad.ts';

export interface ProductionOptions {
	/** Where this start makes its one folder (deleted by `stop()`); absent: the system's folder for temporary files. */
	readonly directory?: string;
	readonly progress?: (message: string) => void;
	/** Aborting it ends the start: what had started is stopped, then the start rejects. */
	readonly signal?: AbortSignal;
	/** Image versions besides the standard ones. */
	readonly versions?: readonly ImageVersion[];
	/** `production` and those besides it, each with a namespace, a database and workflows of its own; production alone unless said. */
	readonly environments?: readonly string[];
	/** For each environment; unless said 30 for production and none for the others. 0: no load. */
	readonly requestsPerSecond?: number;
	/** For the version that turns unhealthy; 26 000 unless said. */
	readonly unhealthyAfterMs?: number;
	/** Folders, separated as PATH is, with the programs of a real control plane; the sandbox's own Kubernetes API unless said. */
	readonly controlPlane?: string;
	/** Starts a Prometheus and an Alertmanager besides, where they are installed. */
	readonly monitoring?: boolean;
}

export type { ProductionEndpoints } from './productionEndpoints.ts';

export interface ProductionHandle {
	readonly endpoints: ProductionEndpoints;
	readonly registry: RegistryHandle;
	readonly pager: PagerInboxHandle;
	readonly mail: MailInboxHandle;
	/** Production's; undefined when no load was asked for. */
	readonly load: LoadGeneratorHandle | undefined;
	stop(): Promise<void>;
}

/** What runs on blue at first. */
export const initialVersion = '2026.11.1';

const buckets = {
	files: 'case-management-files',
	filesBackup: 'case-management-files-backup',
	backups: 'case-management-backups',
	stagingFiles: 'case-management-files-staging',
};

/** What users had uploaded before. */
const uploads = Array.from({ length: 12 }, (_, index) => ({
	bucket: buckets.files,
	key: `uploads/${randomUUID()}`,
	content: randomBytes(1 + index * 10_000),
}));

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
	const names = checkEnvironments(options.environments);
	const directory = await createDirectory(options.directory, cleanups);
	const testUser = { email: 'test@example.com', password: randomBytes(12).toString('base64url') };
	const stagingUser = { email: 'staging@example.com', password: randomBytes(12).toString('base64url') };
	const secretKey = await generateX25519Identity();
	const backupIdentity = { secretKey, recipient: await identityToRecipient(secretKey) };
	const reader = { email: 'reader@example.com', password: randomBytes(12).toString('base64url') };

	/** Registers a part's end the moment it runs, so that an interrupted start leaves nothing. */
	async function started<T extends { stop(): Promise<void> }>(name: string, part: Promise<T>): Promise<T> {
		const handle = await part;
		cleanups.add(name, () => handle.stop());
		progress(`${name} runs`);
		signal?.throwIfAborted();
		return handle;
	}

	const [
		{ superuser, applications },
		{ staging: stagingDatabase, ...others },
		redis,
		storage,
		registry,
		pager,
		mail,
		{ api, uid: clusterUid, services, stagingServices },
	] = await allSettledOrThrow([
		startProductionDatabases({ directory, started, testUser, reader, environments: names }),
		startOperationsDatabases({ directory, started, stagingUser }),
		started('Redis', startRedis({ directory: join(directory, 'redis') })),
		started(
			'object storage',
			startObjectStorage({
				directory: join(directory, 'object-storage'),
				buckets: Object.values(buckets),
				objects: uploads,
			}),
		),
		started('registry', startRegistry({ versions: options.versions ?? [] })),
		started('pager inbox', startPagerInbox()),
		started('mail inbox', startMailInbox()),
		startCluster({ directory, started, environments: names, controlPlane: options.controlPlane, signal }),
	]);

	const environments = names.map((name) => describeEnvironment(name, { applications, services }));
	const {
		database,
		namespace,
		services: productionServices,
	} = describeEnvironment(production, { applications, services });
	const shared = {
		redis,
		storage,
		filesBucket: buckets.files,
		registry,
		version: initialVersion,
		unhealthyAfterMs: options.unhealthyAfterMs ?? 26_000,
		signal,
	};
	progress(`waiting for version ${initialVersion} to serve`);
	const staging: StagingEndpoints = {
		namespace: stagingNamespace,
		services: stagingServices,
		database: stagingDatabase,
		user: stagingUser,
	};
	await allSettledOrThrow([
		...environments.map((environment) => deployEnvironment(connectToApi(api), { environment, ...shared })),
		deployStaging(connectToApi(api), { staging, ...shared, filesBucket: buckets.stagingFiles }),
		createRehearsalSecrets(connectToApi(api), {
			namespaces: environments.map((environment) => environment.namespace),
			values: {
				...sharedServices({ ...shared, filesBucket: buckets.stagingFiles }),
				REHEARSAL_USER: testUser.email,
				REHEARSAL_PASSWORD: testUser.password,
			},
		}),
	]);
	const loads = new Map<string, LoadGeneratorHandle>();
	for (const { name, services } of environments) {
		const requestsPerSecond = options.requestsPerSecond ?? (name === production ? 30 : 0);
		const load = startProductionLoad({ services, testUser, requestsPerSecond });
		if (load) loads.set(name, await started(nameIn(name, 'load generator'), Promise.resolve(load)));
	}

	const isMonitored = options.monitoring === true && (await hasMonitoring());
	const monitoring = isMonitored
		? await started(
				'monitoring',
				startMonitoring({ directory: join(directory, 'monitoring'), api, namespaces: names }),
			)
		: null;

	const { endpoint, region, accessKeyId, secretAccessKey } = storage;
	return {
		endpoints: {
			directory,
			postgres: superuser,
			databases: { production: database, ...others },
			backupIdentity,
			redis: { host: redis.host, port: redis.port, password: redis.password },
			s3: { endpoint, region, accessKeyId, secretAccessKey, buckets },
			kubernetes: { ...api, namespace, clusterUid },
			registry: { url: registry.url, host: registry.host },
			pager: {
				url: pager.url,
				enqueueUrl: pager.enqueueUrl,
				inboxUrl: pager.inboxUrl,
				routingKey: pager.routingKey,
			},
			monitoring: monitoring && {
				prometheusUrl: monitoring.prometheusUrl,
				alertmanagerUrl: monitoring.alertmanagerUrl,
				receiver: monitoring.receiver,
				inboxUrl: monitoring.inboxUrl,
			},
			mail: {
				host: mail.host,
				port: mail.port,
				user: mail.user,
				password: mail.password,
				inboxUrl: mail.inboxUrl,
			},
			services: productionServices,
			staging,
			environments: Object.fromEntries(environments.map((environment) => [environment.name, environment])),
			testUser,
			reader,
			migrationsFolder,
			verificationQueries: join(migrationsFolder, '..', 'verification-queries.sql'),
		},
		registry,
		pager,
		mail,
		load: loads.get(production),
		stop: () => cleanups.run(),
	};
}
