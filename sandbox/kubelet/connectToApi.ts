import { CoreV1Api, DiscoveryV1Api, KubeConfig, PatchStrategy, setHeaderOptions } from '@kubernetes/client-node';

/** Where a Kubernetes API server is and how to be let in. */
export interface ApiAddress {
	readonly url: string;
	/** PEM of the authority that signed the server's certificate. */
	readonly ca: string;
	readonly token: string;
}

export interface ApiConnection {
	readonly config: KubeConfig;
	readonly core: CoreV1Api;
	readonly discovery: DiscoveryV1Api;
}

/** Makes API clients for the address; nothing is sent yet. */
export function connectToApi({ url, ca, token }: ApiAddress): ApiConnection {
	const config = new KubeConfig();
	config.loadFromClusterAndUser(
		{ name: 'cluster', server: url, caData: Buffer.from(ca).toString('base64'), skipTLSVerify: false },
		{ name: 'kubelet', token },
	);
	return { config, core: config.makeApiClient(CoreV1Api), discovery: config.makeApiClient(DiscoveryV1Api) };
}

/** The option that makes a patch call send a JSON merge patch, which every API server takes for every kind. */
export const asMergePatch = setHeaderOptions('Content-Type', PatchStrategy.MergePatch);

/** The HTTP status of a failed API call; undefined when the server was not reached. */
export function statusOf(error: unknown): number | undefined {
	const code = (error as { code?: unknown } | undefined)?.code;
	return typeof code === 'number' ? code : undefined;
}

/** The annotation of a pod that holds the real address (`127.0.0.1:<port>`) behind its podIP. */
export const addressAnnotation = 'sandbox.deployment-runbook/address';

/** The annotation of a Service that holds the real port of its first port; `<it>.<name>` holds that of a named one. */
export const portAnnotation = 'sandbox.deployment-runbook/port';
