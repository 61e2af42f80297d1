import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { createBackend } from './backend.ts';
import { createBehaviour } from './behaviour.ts';
import { readConfiguration } from './configuration.ts';
import { runSuite } from './suites/runSuite.ts';
import { createFrontend } from './frontend.ts';
import { createMetrics } from './metrics.ts';
import { serveRoutes } from './serveRoutes.ts';
import { serveSocket } from './serveSocket.ts';
import { createWorker } from './worker.ts';

/** Between "not ready" and "no new connections": long enough for the Service to stop sending some. */
const deregisterMs = 1_000;
/** The argument that makes a pod of the backend's image the worker. */
const workerTask = 'worker';
/** Requests that take longer than this are cut. */
const finishTimeoutMs = 5_000;

/** The demo application, one process a pod, with the argument `worker` its worker, or with another one of its test suites. Tells its parent the port by IPC, drains on SIGTERM, ends when its parent is gone. */
function main(): void {
	const configuration = readConfiguration();
	endWithParent();
	const [task] = process.argv.slice(2);
	const isWorker = task === workerTask;
	if (task !== undefined && !isWorker) {
		runSuite(task);
		return;
	}
	process.on('SIGINT', () => {});
	if (configuration.behaviour === 'crash') {
		console.error(
			`${configuration.application} ${configuration.version}: cannot start: the setting CASE_INDEX_SHARDS is missing`,
		);
		process.exit(1);
	}
	let draining = false;
	const behaviour = createBehaviour(configuration.behaviour, configuration.unhealthyAfterMs);
	const create = isWorker ? createWorker : configuration.application === 'backend' ? createBackend : createFrontend;
	const parts = create(configuration, () => !draining && behaviour.isHealthy());
	const metrics = createMetrics(configuration.version);
	const metricsRoute = {
		method: 'GET',
		path: /^\/metrics$/,
		label: '/metrics',
		answer: async () => ({
			status: 200,
			body: await metrics.text(),
			headers: { 'Content-Type': metrics.contentType },
		}),
	};
	const { version, podName } = configuration;
	const server = serveRoutes({
		version,
		podName,
		routes: [metricsRoute, ...parts.routes],
		behaviour,
		metrics,
		isDraining: () => draining,
	});

	serveSocket(server, version);

	async function drain(): Promise<void> {
		if (draining) return;
		draining = true;
		console.log('draining');
		await delay(deregisterMs);
		const closed = new Promise((resolve) => server.close(resolve));
		server.closeIdleConnections();
		await Promise.race([closed, delay(finishTimeoutMs)]);
		server.closeAllConnections();
		await parts.close();
		console.log('stopped');
		process.exit(0);
	}

	process.on('SIGTERM', () => void drain());
	server.listen(configuration.port, '127.0.0.1', () => {
		const { port } = server.address() as AddressInfo;
		console.log(`${configuration.application} ${version} listens on port ${port}`);
		process.send?.({ listening: port });
	});
}

/** Without a parent that talks to us (started by hand) there is nothing to watch. */
function endWithParent(): void {
	if (!process.send) return;
	if (!process.connected) process.exit(0);
	process.once('disconnect', () => process.exit(0));
}

try {
	main();
} catch (error) {
	console.error(error instanceof Error ? error.message : String(error));
	process.exit(1);
}
