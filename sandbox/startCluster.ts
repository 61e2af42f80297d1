import { join } from 'node:path';
import { createNamespaces, createServices, readClusterUid } from './deployApplications.ts';
import type { ServiceUrls } from './deployApplications.ts';
import { createStagingServices, stagingNamespace } from './deployStaging.ts';
import type { StagingEndpoints } from './deployStaging.ts';
import { connectToApi } from './kubelet/connectToApi.ts';
import type { ApiAddress } from './kubelet/connectToApi.ts';
import { startKubelet } from './kubelet/startKubelet.ts';
import { startServiceProxy } from './kubelet/startServiceProxy.ts';
import { startControlPlane } from './controlplane/startControlPlane.ts';
import { startKubernetesApi } from './kubernetes/startKubernetesApi.ts';
import { allSettledOrThrow } from './allSettledOrThrow.ts';
import type { Started } from './startDatabases.ts';

export interface ClusterOptions {
	readonly directory: string;
	readonly started: Started;
	/** Each is a namespace of its own. */
	readonly environments: readonly string[];
	/** Where a real control plane's programs are, to be used instead of the sandbox's API; absent: the sandbox's. */
	readonly controlPlane?: string | undefined;
	readonly signal: AbortSignal | undefined;
}

export interface Cluster {
	readonly api: ApiAddress;
	/** UID of its namespace kube-system. */
	readonly uid: string;
	/** Addresses of the Services, by environment. */
	readonly services: ReadonlyMap<string, ServiceUrls>;
	readonly stagingServices: StagingEndpoints['services'];
}

/** Starts the Kubernetes API, a kubelet and a service proxy, and makes each environment's namespace and Services, and those of staging. */
export async function startCluster({
	directory,
	started,
	environments,
	controlPlane,
	signal,
}: ClusterOptions): Promise<Cluster> {
	const { url, ca, token } =
		controlPlane === undefined
			? await started('Kubernetes API', startKubernetesApi())
			: await started(
					'Kubernetes control plane',
					startControlPlane({ directory: join(directory, 'control-plane'), programs: controlPlane }),
				);
	const api = { url, ca, token };
	const connection = connectToApi(api);
	const namespaces = [...new Set([...environments, stagingNamespace])];
	await createNamespaces(connection, namespaces);
	await allSettledOrThrow([
		started('kubelet', startKubelet({ api, namespaces, compileCacheDirectory: join(directory, 'compile-cache') })),
		started('service proxy', startServiceProxy({ api, namespaces })),
	]);
	const services = new Map<string, ServiceUrls>();
	for (const namespace of environments)
		services.set(namespace, await createServices(connection, { namespace, signal }));
	return {
		api,
		uid: await readClusterUid(connection),
		services,
		stagingServices: await createStagingServices(connection, signal),
	};
}
