import type { Server as HttpServer } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import type { AddressInfo, Server, Socket } from 'node:net';

/** A listening server and the one way to end it. */
export interface Listening {
	readonly port: number;
	/** Stops listening and cuts every connection, idle ones included. */
	close(): Promise<void>;
}

/** Makes the server (TCP, HTTP or HTTPS) listen on a free port of 127.0.0.1; connections are tracked so that `close()` ends them. */
export async function listenOnLoopback(server: Server | HttpServer | HttpsServer, port = 0): Promise<Listening> {
	const sockets = new Set<Socket>();
	server.on('connection', (socket: Socket) => {
		sockets.add(socket);
		socket.once('close', () => sockets.delete(socket));
	});
	await new Promise<void>((resolve, reject) => {
		server.once('error', reject);
		server.listen(port, '127.0.0.1', () => {
			server.off('error', reject);
			resolve();
		});
	});
	let closing: Promise<void> | undefined;
	return {
		port: (server.address() as AddressInfo).port,
		close() {
			closing ??= new Promise<void>((resolve) => {
				server.close(() => resolve());
				for (const socket of sockets) socket.destroy();
			});
			return closing;
		},
	};
}
