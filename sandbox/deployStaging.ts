import { AppsV1Api } from '@kubernetes/client-node';
import { databaseUrl } from './createDatabases.ts';
import type { DatabaseEndpoint } from './createDatabases.ts';
import { waitForServiceUrl, waitForVersion } from './deployApplications.ts';
import type { ServiceUrls } from './deployApplications.ts';
import { backendEnvironment, servingTimeoutMs } from './deployEnvironment.ts';
import type { EnvironmentDeployment } from './deployEnvironment.ts';
import type { ApiConnection } from './kubelet/connectToApi.ts';
import { buildDeployment, buildService, workloadName } from './manifests.ts';

/** Where production's releases run first: one Deployment and one Service an application, without colours, and a database of its own. */
export interface StagingEndpoints {
	readonly namespace: string;
	readonly services: Pick<ServiceUrls, 'backend' | 'frontend'>;
	readonly database: DatabaseEndpoint;
	readonly user: { readonly email: string; readonly password: string };
}

export const stagingNamespace = 'staging';

const namespace = stagingNamespace;
const applications = ['backend', 'frontend'] as const;

/** Creates staging's Services and waits until the service proxy gave each its port. @throws after 15 s. */
export async function createStagingServices(
	connection: ApiConnection,
	signal: AbortSignal | undefined,
): Promise<StagingEndpoints['services']> {
	for (const application of applications)
		await connection.core.createNamespacedService({
			namespace,
			body: buildService({ namespace, application, color: undefined, kind: 'live' }),
		});
	const [backend, frontend] = await Promise.all([
		waitForServiceUrl(connection, { namespace, name: workloadName('backend'), signal }),
		waitForServiceUrl(connection, { namespace, name: workloadName('frontend'), signal }),
	]);
	return { backend, frontend };
}

/** Deploys a version to staging and waits until it serves. */
export async function deployStaging(
	connection: ApiConnection,
	{ staging, ...deployment }: Omit<EnvironmentDeployment, 'environment'> & { readonly staging: StagingEndpoints },
): Promise<void> {
	const { registry, version, signal } = deployment;
	const { services, database } = staging;
	const environments = {
		backend: backendEnvironment(databaseUrl(database), deployment),
		frontend: { BACKEND_URL: services.backend },
	};
	const apps = connection.config.makeApiClient(AppsV1Api);
	for (const application of applications) {
		const body = buildDeployment({
			namespace,
			application,
			color: undefined,
			image: registry.image(application, version),
			replicas: 1,
			environment: environments[application],
		});
		await apps.createNamespacedDeployment({ namespace, body });
	}
	for (const url of [`${services.backend}/health`, `${services.frontend}/api/health`])
		await waitForVersion(connection, { namespace, url, version, timeoutMs: servingTimeoutMs, signal });
}
