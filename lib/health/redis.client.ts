import { isIP } from 'node:net';
import { withTimeout } from '../support/withTimeout';

/** Where a Redis server is and who asks. */
export interface RedisConnection {
	readonly host: string;
	readonly port: number;
	/** Empty: the default user. */
	readonly user: string;
	/** Empty: none is sent. */
	readonly password: string;
	readonly database: number;
	/** `disable`: plain text; `require`: encrypted, certificate not checked; `verify-full`: encrypted and checked. */
	readonly ssl: 'disable' | 'require' | 'verify-full';
}

/** What the server answered. */
export interface RedisAnswers {
	/** The reply to PING, or the error reply as text, e.g. `NOAUTH Authentication required.` */
	readonly ping: string;
	/** INFO's fields by name; empty when the user may not read it. */
	readonly info: Readonly<Record<string, string>>;
}

/**
 * Authenticates and asks once: PING, then INFO. No reconnecting, no queueing: the first failure is the answer.
 * @throws the network's error, or a TimeoutError after `timeoutMs`. Error replies are answers, not errors.
 */
export async function askRedis(
	connection: RedisConnection,
	{ timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal },
): Promise<RedisAnswers> {
	const { Redis } = await import('ioredis');
	const client = new Redis({
		host: connection.host,
		port: connection.port,
		...(connection.user === '' ? {} : { username: connection.user }),
		...(connection.password === '' ? {} : { password: connection.password }),
		db: connection.database,
		...(connection.ssl === 'disable' ? {} : { tls: tlsOptions(connection) }),
		connectionName: 'n8n-nodes-deployment-runbook',
		protocol: 2,
		lazyConnect: true,
		connectTimeout: timeoutMs,
		retryStrategy: () => null,
		reconnectOnError: () => false,
		maxRetriesPerRequest: 0,
		enableReadyCheck: false,
		disableClientInfo: true,
		// A server that hangs does not answer a polite end either.
		disconnectTimeout: 200,
	});
	const failures: Error[] = [];
	client.on('error', (error: Error) => failures.push(error));
	try {
		return await Promise.race([ask(client, failures), aborted(withTimeout(signal, timeoutMs))]);
	} finally {
		// On a connection that has ended the driver would only leave its own timer behind.
		if (client.status !== 'end') client.disconnect();
	}
}

/** A server name in the handshake is for names only, never for addresses (RFC 6066). */
function tlsOptions({ host, ssl }: RedisConnection): {
	readonly rejectUnauthorized: boolean;
	readonly servername?: string;
} {
	return { rejectUnauthorized: ssl === 'verify-full', ...(isIP(host) === 0 ? { servername: host } : {}) };
}

type Client = import('ioredis').Redis;

async function ask(client: Client, failures: readonly Error[]): Promise<RedisAnswers> {
	let ping: string;
	try {
		await client.connect();
		ping = await client.ping();
	} catch (error) {
		// AUTH and SELECT are sent by the driver while connecting; their error replies come as events.
		const reply = [error, ...failures].find(isErrorReply);
		if (reply === undefined) throw failures[0] ?? error;
		return { ping: reply.message, info: {} };
	}
	const refused = failures.find(isErrorReply);
	if (refused !== undefined) return { ping: refused.message, info: {} };
	return { ping, info: await readInfo(client) };
}

async function readInfo(client: Client): Promise<Record<string, string>> {
	try {
		return parseInfo(await client.info());
	} catch (error) {
		if (isErrorReply(error)) return {};
		throw error;
	}
}

function parseInfo(text: string): Record<string, string> {
	const lines = text.split(/\r?\n/).filter((line) => line !== '' && !line.startsWith('#'));
	return Object.fromEntries(
		lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]),
	);
}

function isErrorReply(error: unknown): error is Error {
	return (error as { name?: unknown } | null)?.name === 'ReplyError';
}

async function aborted(signal: AbortSignal): Promise<never> {
	return await new Promise<never>((_resolve, reject) => {
		const abort = (): void => reject(signal.reason as Error);
		if (signal.aborted) abort();
		else signal.addEventListener('abort', abort, { once: true });
	});
}
