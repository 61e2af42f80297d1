import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { guardProcess } from './guard.ts';

/** How to start a server program, how to know that it serves, and how to end it. */
export interface DaemonOptions {
	readonly name: string;
	readonly command: string;
	readonly args: readonly string[];
	readonly cwd: string;
	readonly env: NodeJS.ProcessEnv;
	/** Written to its standard input; absent: no input. */
	readonly input?: string;
	/** Absent: our own user. */
	readonly user?: { readonly uid: number; readonly gid: number };
	/** A line of its output that says that it serves. */
	readonly readyPattern: RegExp;
	readonly readyTimeoutMs: number;
	readonly stopSignal: NodeJS.Signals;
	/** After this long the daemon gets SIGKILL. */
	readonly stopTimeoutMs: number;
}

export interface Daemon {
	readonly pid: number;
	/** Resolves when the process is gone. */
	readonly exited: Promise<void>;
	stop(): Promise<void>;
}

/** How many lines of output an error may quote. */
const quotedLines = 15;

/**
 * Starts a server program in its own session (a Ctrl-C at the terminal reaches only us, so that we end things in
 * order) and waits until it says that it serves. It dies with us, also when we are killed.
 *
 * @throws when it cannot be started, exits early, or is not ready in time; the message quotes its last lines.
 */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
	const child = spawn(options.command, [...options.args], {
		cwd: options.cwd,
		env: options.env,
		detached: true,
		stdio: ['pipe', 'pipe', 'pipe'],
		...options.user,
	});
	const recent: string[] = [];
	const ready = createDeferred();
	for (const stream of [child.stdout, child.stderr]) {
		createInterface(stream).on('line', (line) => {
			recent.push(line);
			if (recent.length > quotedLines) recent.shift();
			if (options.readyPattern.test(line)) ready.resolve();
		});
	}
	const exited = new Promise<void>((resolve) => {
		child.once('error', (error) => {
			ready.reject(new Error(`${options.name} could not be started: ${error.message}`, { cause: error }));
			resolve();
		});
		child.once('exit', (code, signal) => {
			const end = code === null ? `signal ${signal}` : `code ${code}`;
			ready.reject(new Error(`${options.name} ended with ${end}:\n${recent.join('\n')}`));
			resolve();
		});
	});
	const release = child.pid === undefined ? () => {} : guardProcess(child.pid);
	void exited.then(release);
	child.stdin.on('error', () => {});
	child.stdin.end(options.input ?? '');

	async function stop(): Promise<void> {
		if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return exited;
		child.kill(options.stopSignal);
		const killer = setTimeout(() => child.kill('SIGKILL'), options.stopTimeoutMs);
		await exited;
		clearTimeout(killer);
	}

	const timer = setTimeout(() => {
		ready.reject(
			new Error(`${options.name} was not ready after ${options.readyTimeoutMs} ms:\n${recent.join('\n')}`),
		);
	}, options.readyTimeoutMs);
	try {
		await ready.promise;
	} catch (error) {
		await stop();
		throw error;
	} finally {
		clearTimeout(timer);
	}
	return { pid: child.pid as number, exited, stop };
}

interface Deferred {
	readonly promise: Promise<void>;
	resolve(): void;
	reject(error: Error): void;
}

function createDeferred(): Deferred {
	let settle: Omit<Deferred, 'promise'> | undefined;
	const promise = new Promise<void>((resolve, reject) => (settle = { resolve, reject }));
	promise.catch(() => {});
	return { promise, ...(settle as unknown as Omit<Deferred, 'promise'>) };
}
