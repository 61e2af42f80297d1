import { createServer as createHttpsServer, request } from 'node:https';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { generate } from 'selfsigned';

/** Stands between a client and a service; stops the first thing that is to be held, and tells when it is there. */
export interface HoldingProxy {
	readonly port: number;
	/** Resolves once something is held. */
	readonly held: Promise<void>;
	/** Lets it pass, late. */
	pass(): void;
	close(): Promise<void>;
}

/** A Kubernetes API behind HTTPS of its own: holds the first call that `isHeld` chooses, after it has left its client. */
export async function holdKubernetes(
	target: { url: string; ca: string },
	isHeld: (call: { method: string; path: string; body: string }) => boolean,
): Promise<HoldingProxy & { readonly url: string; readonly ca: string }> {
	const { cert: ca, private: key } = await generate([{ name: 'commonName', value: 'proxy' }], {
		algorithm: 'sha256',
		extensions: [
			{ name: 'basicConstraints', cA: true },
			{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] },
		],
	});
	const gate = new Gate();
	const server = createHttpsServer({ cert: ca, key }, (incoming, response) => {
		const chunks: Buffer[] = [];
		incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
		incoming.on('end', () => {
			const { method = '', url: path = '', headers } = incoming;
			const body = Buffer.concat(chunks);
			const forward = (): void => {
				const { host: _host, ...kept } = headers;
				const outgoing = request(
					new URL(path, target.url),
					{ method, headers: kept, ca: target.ca },
					(reply) => {
						response.writeHead(reply.statusCode ?? 502, reply.headers);
						reply.pipe(response);
					},
				);
				outgoing.on('error', () => response.destroy());
				outgoing.end(body);
			};
			gate.enter(isHeld({ method, path, body: body.toString() }), forward);
		});
	});
	const port = await listen(server);
	return {
		...gate.proxy(port, async () => {
			server.closeAllConnections();
			await closed(server);
		}),
		url: `https://127.0.0.1:${port}`,
		ca,
	};
}

/** A Postgres server behind plain TCP: holds what a session sends from the first packet on that contains `marker`. */
export async function holdPostgres(target: { host: string; port: number }, marker: string): Promise<HoldingProxy> {
	const gate = new Gate();
	const sockets = new Set<Socket>();
	const server = createServer((client) => {
		const upstream = connect(target.port, target.host);
		for (const socket of [client, upstream]) {
			sockets.add(socket);
			socket.on('error', () => undefined);
			socket.on('close', () => (client.destroy(), upstream.destroy()));
		}
		upstream.pipe(client);
		client.on('data', (chunk) => {
			// Nothing of this session overtakes what is held.
			client.pause();
			gate.enter(chunk.includes(marker), () => {
				upstream.write(chunk);
				client.resume();
			});
		});
	});
	const port = await listen(server);
	return gate.proxy(port, async () => {
		for (const socket of sockets) socket.destroy();
		await closed(server);
	});
}

/** Holds the first that asks for it. */
class Gate {
	#hold: (() => void) | undefined;
	#isOver = false;
	#arrived = (): void => undefined;
	readonly #held = new Promise<void>((resolve) => (this.#arrived = resolve));

	enter(isHeld: boolean, forward: () => void): void {
		if (!isHeld || this.#hold || this.#isOver) {
			forward();
			return;
		}
		this.#hold = forward;
		this.#arrived();
	}

	proxy(port: number, close: () => Promise<void>): HoldingProxy {
		const pass = (): void => {
			this.#isOver = true;
			this.#hold?.();
			this.#hold = undefined;
		};
		return { port, held: this.#held, pass, close };
	}
}

async function listen(server: Server): Promise<number> {
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	return (server.address() as AddressInfo).port;
}

async function closed(server: Server): Promise<void> {
	await new Promise((resolve) => server.close(resolve));
}
