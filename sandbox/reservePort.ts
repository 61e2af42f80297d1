import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';

/**
 * Finds a loopback port that is free now, for programs that cannot choose one themselves. Another program may take it
 * before it is used, so callers try again when their program says that it is in use.
 */
export async function reservePort(): Promise<number> {
	const server = createServer();
	await new Promise<void>((resolve, reject) => {
		server.once('error', reject);
		server.listen(0, '127.0.0.1', resolve);
	});
	const { port } = server.address() as AddressInfo;
	await new Promise((resolve) => server.close(resolve));
	return port;
}
