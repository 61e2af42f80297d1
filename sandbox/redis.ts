import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { startDaemon } from './startDaemon.ts';
import type { Daemon } from './startDaemon.ts';
import { startOnFreePort } from './startOnFreePort.ts';

export interface RedisHandle {
	readonly host: string;
	readonly port: number;
	readonly password: string;
	stop(): Promise<void>;
}

/**
 * Starts a real redis-server on loopback with a random password, without persistence. The configuration goes in through
 * standard input, so that the password is in no argument list and no file.
 *
 * @throws when redis-server is missing (naming the command that installs it) or does not start.
 */
export async function startRedis({ directory }: { directory: string }): Promise<RedisHandle> {
	const password = randomBytes(18).toString('base64url');
	await mkdir(directory, { recursive: true });
	const remove = () => rm(directory, { recursive: true, force: true });
	try {
		const { daemon, port } = await startServer({ directory, password });
		let stopping: Promise<void> | undefined;
		const stop = () => (stopping ??= daemon.stop().then(remove));
		return { host: '127.0.0.1', port, password, stop };
	} catch (error) {
		await remove();
		if (isMissingProgram(error)) {
			throw new Error('redis-server is missing; install it: apt-get install redis-server', { cause: error });
		}
		throw error;
	}
}

async function startServer({
	directory,
	password,
}: {
	directory: string;
	password: string;
}): Promise<{ daemon: Daemon; port: number }> {
	return await startOnFreePort(async (port) => {
		const lines = [
			`port ${port}`,
			'bind 127.0.0.1',
			`requirepass ${password}`,
			'save ""',
			'appendonly no',
			`dir "${directory}"`,
		];
		return await startDaemon({
			name: 'Redis',
			command: 'redis-server',
			args: ['-'],
			cwd: directory,
			env: { PATH: process.env['PATH'], LC_ALL: 'C.UTF-8' },
			input: lines.join('\n') + '\n',
			readyPattern: /Ready to accept connections/,
			readyTimeoutMs: 15_000,
			stopSignal: 'SIGINT',
			stopTimeoutMs: 5_000,
		});
	});
}

function isMissingProgram(error: unknown): boolean {
	return error instanceof Error && (error.cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT';
}
