import { setTimeout as delay } from 'node:timers/promises';
import { AppsV1Api } from '@kubernetes/client-node';
import type { V1Namespace } from '@kubernetes/client-node';
import { portAnnotation } from './kubelet/connectToApi.ts';
import type { ApiConnection } from './kubelet/connectToApi.ts';
import type { Plain } from './kubelet/plain.ts';
import { buildDeployment, buildService, buildWorker, workloadName } from './manifests.ts';
import type { Application } from './registry.ts';

/** Addresses of the four Services. */
export interface ServiceUrls {
	readonly backend: string;
	readonly backendPreview: string;
	readonly frontend: string;
	readonly frontendPreview: string;
}

/** Creates the namespaces. */
export async function createNamespaces({ core }: ApiConnection, names: readonly string[]): Promise<void> {
	for (const name of names) {
		const body: Plain<V1Namespace> = { metadata: { name } };
		await core.createNamespace({ body });
	}
}

/** The UID of the namespace kube-system, by which a cluster is told from another. */
export async function readClusterUid({ core }: ApiConnection): Promise<string> {
	const { metadata } = await core.readNamespace({ name: 'kube-system' });
	if (metadata?.uid === undefined) throw new Error('the namespace kube-system has no UID');
	return metadata.uid;
}

/** Creates the live and preview Services and waits until the service proxy gave each its port. @throws after 15 s. */
export async function createServices(
	connection: ApiConnection,
	{ namespace, signal }: { readonly namespace: string; readonly signal?: AbortSignal | undefined },
): Promise<ServiceUrls> {
	for (const application of ['backend', 'frontend'] as const) {
		for (const [color, kind] of [
			['blue', 'live'],
			['green', 'preview'],
		] as const) {
			const body = buildService({ namespace, application, color, kind });
			await connection.core.createNamespacedService({ namespace, body });
		}
	}
	const urlOf = (name: string) => waitForServiceUrl(connection, { namespace, name, signal });
	const [backend, backendPreview, frontend, frontendPreview] = await Promise.all([
		urlOf(workloadName('backend')),
		urlOf(`${workloadName('backend')}-preview`),
		urlOf(workloadName('frontend')),
		urlOf(`${workloadName('frontend')}-preview`),
	]);
	return { backend, backendPreview, frontend, frontendPreview };
}

/** The address that the service proxy gives a Service. @throws after 15 s. */
export async function waitForServiceUrl(
	{ core }: ApiConnection,
	{ namespace, name, signal }: { namespace: string; name: string; signal: AbortSignal | undefined },
): Promise<string> {
	const deadline = performance.now() + 15_000;
	for (;;) {
		signal?.throwIfAborted();
		const port = (await core.readNamespacedService({ name, namespace })).metadata?.annotations?.[portAnnotation];
		if (port) return `http://127.0.0.1:${port}`;
		if (performance.now() > deadline)
			throw new Error(`the service proxy gave the Service ${name} no port within 15 s`);
		await delay(50);
	}
}

export interface DeploymentPlan {
	readonly namespace: string;
	readonly image: (application: Application) => string;
	readonly environment: Readonly<Record<Application, Readonly<Record<string, string>>>>;
	/** Of blue; green starts with none. */
	readonly replicas: Readonly<Record<Application, number>>;
}

/** Creates the blue and green Deployments of both applications. */
export async function createDeployments({ config }: ApiConnection, plan: DeploymentPlan): Promise<void> {
	const apps = config.makeApiClient(AppsV1Api);
	const { namespace } = plan;
	for (const application of ['backend', 'frontend'] as const) {
		for (const color of ['blue', 'green'] as const) {
			const replicas = color === 'blue' ? plan.replicas[application] : 0;
			const body = buildDeployment({
				namespace,
				application,
				color,
				image: plan.image(application),
				replicas,
				environment: plan.environment[application],
			});
			await apps.createNamespacedDeployment({ namespace, body });
		}
	}
}

/** Creates the blue and green Deployments of the worker; blue runs. */
export async function createWorkers(
	{ config }: ApiConnection,
	{ namespace, image, environment }: DeploymentPlan,
): Promise<void> {
	const apps = config.makeApiClient(AppsV1Api);
	for (const color of ['blue', 'green'] as const) {
		const body = buildWorker({
			namespace,
			color,
			image: image('backend'),
			replicas: color === 'blue' ? 1 : 0,
			environment: environment.backend,
		});
		await apps.createNamespacedDeployment({ namespace, body });
	}
}

export interface VersionWait {
	readonly namespace: string;
	/** Answers JSON with `version`. */
	readonly url: string;
	readonly version: string;
	readonly timeoutMs: number;
	readonly signal?: AbortSignal | undefined;
}

/** Waits until the health URL answers 200 with the version. @throws after the time, with the state of every pod. */
export async function waitForVersion(
	{ core }: ApiConnection,
	{ namespace, url, version, timeoutMs, signal }: VersionWait,
): Promise<void> {
	const deadline = performance.now() + timeoutMs;
	while ((await readVersion(url)) !== version) {
		signal?.throwIfAborted();
		if (performance.now() > deadline) {
			const pods = (await core.listNamespacedPod({ namespace })).items.map(({ metadata, status }) => {
				const state = status?.containerStatuses?.[0]?.state;
				return `${metadata?.name}: ${state?.waiting?.reason ?? status?.phase} ${state?.waiting?.message ?? ''}`;
			});
			throw new Error(
				`${url} does not serve version ${version} after ${timeoutMs} ms; pods:\n${pods.join('\n')}`,
			);
		}
		await delay(100);
	}
}

async function readVersion(url: string): Promise<string | undefined> {
	try {
		const response = await fetch(url, { signal: AbortSignal.timeout(2_000), headers: { Connection: 'close' } });
		const body = (await response.json()) as { version?: string };
		return response.ok ? body.version : undefined;
	} catch {
		return undefined;
	}
}
