import { randomBytes } from 'node:crypto';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createCertificate } from './createCertificate.ts';
import { createInProcessClient } from './inProcessClient.ts';
import { createObject } from './createObject.ts';
import { createRequestHandler } from './handleRequest.ts';
import { ObjectStore } from './objectStore.ts';
import { namespaces } from './resources.ts';
import { startControllers } from './controllers/startControllers.ts';

/** How the server is started; everything has a default. */
export interface KubernetesApiOptions {
	/** Whether the Deployment, ReplicaSet, Job, EndpointSlice, namespace and garbage controllers run; true unless said. */
	readonly controllers?: boolean;
	/** How many changes a watch can go back; 10 000 unless said. */
	readonly watchHistoryLimit?: number;
}

/** A running server. `ca` is the PEM to verify `url` by, `token` the bearer token that is allowed everything. */
export interface KubernetesApi {
	readonly url: string;
	readonly ca: string;
	readonly token: string;
	stop(): Promise<void>;
}

/**
 * Starts the sandbox's Kubernetes API on a free port of 127.0.0.1, with an empty store (namespaces `default` and
 * `kube-system`) that lives in memory. `stop` ends watches, controllers and connections, and may be called twice.
 */
export async function startKubernetesApi(options: KubernetesApiOptions = {}): Promise<KubernetesApi> {
	const store = new ObjectStore(options.watchHistoryLimit ?? 10_000);
	for (const name of ['default', 'kube-system']) {
		createObject(store, { resource: namespaces }, { metadata: { name } });
	}
	const token = randomBytes(24).toString('base64url');
	const watches = new Set<() => void>();
	const { cert, private: key } = await createCertificate();
	const server = createServer({ key, cert, keepAliveTimeout: 30_000 }, createRequestHandler(store, token, watches));
	await new Promise<void>((resolve, reject) => {
		server.once('error', reject);
		server.listen(0, '127.0.0.1', resolve);
	});
	const stopControllers = options.controllers === false ? () => {} : startControllers(createInProcessClient(store));
	let stopping: Promise<void> | undefined;
	const close = () =>
		new Promise<void>((resolve) => {
			stopControllers();
			for (const stopWatch of watches) stopWatch();
			server.close(() => resolve());
			server.closeAllConnections();
		});
	return {
		url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
		ca: cert,
		token,
		stop: () => (stopping ??= close()),
	};
}
