import { createConnection } from 'node:net';
import { withTimeout } from '../support/withTimeout';
import type { TcpTarget } from './model';

/** Opens a connection and closes it again; nothing is sent. @throws the network's error, a TimeoutError after `timeoutMs`, or the signal's reason */
export async function connectTcp(
	{ host, port }: TcpTarget,
	{ timeoutMs, signal }: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<void> {
	const limit = withTimeout(signal, timeoutMs);
	limit.throwIfAborted();
	const socket = createConnection({ host, port });
	try {
		await new Promise<void>((resolve, reject) => {
			socket.once('connect', resolve);
			socket.once('error', reject);
			limit.addEventListener('abort', () => reject(limit.reason as Error), { once: true });
		});
	} finally {
		socket.destroy();
	}
}
