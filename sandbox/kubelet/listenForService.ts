import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';
import { listenOnLoopback } from '../listenOnLoopback.ts';

export interface ServiceListener {
	readonly port: number;
	/** Stops listening and cuts the connections that came in here. */
	close(): Promise<void>;
}

const connectTimeoutMs = 3_000;

/**
 * Listens on the port wanted (0, or one that is taken: a free one) and passes each new connection to the next of the
 * ready addresses, in turn. Without any, or when the pod refuses, the connection is reset, as kube-proxy's is.
 */
export async function listenForService(
	readyAddresses: () => readonly string[],
	wantedPort: number,
): Promise<ServiceListener> {
	let turn = 0;
	function serve(client: Socket): void {
		const addresses = readyAddresses();
		const address = addresses[turn++ % Math.max(1, addresses.length)];
		if (address === undefined) return void client.resetAndDestroy();
		const [host = '', port] = address.split(':');
		const pod = connect({ host, port: Number(port), allowHalfOpen: true, noDelay: true });
		pod.setTimeout(connectTimeoutMs, () => pod.destroy(new Error('connecting took too long')));
		pod.once('connect', () => pod.setTimeout(0));
		pod.once('error', () => client.resetAndDestroy());
		client.once('error', () => pod.destroy());
		pod.once('close', () => client.destroy());
		client.once('close', () => pod.destroy());
		client.pipe(pod).pipe(client);
	}
	const open = (port: number) => listenOnLoopback(createServer({ allowHalfOpen: true, noDelay: true }, serve), port);
	return open(wantedPort).catch((error: unknown) => {
		if (wantedPort === 0) throw error;
		return open(0);
	});
}
