import { spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { redact } from '../support/redact';
import { summarizeStderr } from './summarizeStderr';

export interface ToolExit {
	/** Null when a signal ended it or it could not be started. */
	readonly code: number | null;
	readonly signal: NodeJS.Signals | null;
	/** What it complained about; free of secrets and of rows. */
	readonly problem: string;
}

export interface RunningTool {
	readonly stdin: Writable;
	readonly stdout: Readable;
	/** Resolves when the process has ended and its pipes are closed. Never rejects. */
	readonly exit: Promise<ToolExit>;
}

export interface ToolStart {
	readonly path: string;
	readonly args: readonly string[];
	readonly env: Readonly<Record<string, string>>;
	/** Ends the process when aborted: SIGTERM, and SIGKILL if it is still there 5 s later. */
	readonly signal: AbortSignal;
	/** Values that must not be shown, should the tool print them. */
	readonly secrets: readonly string[];
}

/** pg_dump needs a moment to cancel its query on the server; longer than this it is stuck. */
const KILL_AFTER_MS = 5000;
const STDERR_LIMIT = 16_384;

/** Starts a program without a shell, with exactly the environment given. */
export function startTool({ path, args, env, signal, secrets }: ToolStart): RunningTool {
	const child = spawn(path, args, { env, shell: false, stdio: ['pipe', 'pipe', 'pipe'] });
	let stderr = '';
	child.stderr.setEncoding('utf8').on('data', (text: string) => {
		stderr = (stderr + text).slice(-STDERR_LIMIT);
	});
	// A program that ends early closes its stdin; the exit code tells why.
	child.stdin.on('error', () => undefined);
	let killer: NodeJS.Timeout | undefined;
	const end = (): void => {
		child.kill('SIGTERM');
		killer ??= setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MS);
	};
	if (signal.aborted) end();
	signal.addEventListener('abort', end, { once: true });
	const exit = new Promise<ToolExit>((resolve) => {
		const finish = (code: number | null, killedBy: NodeJS.Signals | null, problem: string): void => {
			clearTimeout(killer);
			signal.removeEventListener('abort', end);
			resolve({ code, signal: killedBy, problem: redact(problem, secrets) });
		};
		child.once('error', (error) =>
			finish(null, null, `it could not be started: ${(error as NodeJS.ErrnoException).code ?? 'unknown'}`),
		);
		child.once('close', (code, killedBy) => finish(code, killedBy, summarizeStderr(stderr)));
	});
	return { stdin: child.stdin, stdout: child.stdout, exit };
}

/** `exit code 1` or `signal SIGKILL`, for messages. */
export function describeExit({ code, signal }: ToolExit): string {
	return signal === null ? `exit code ${code ?? 'none'}` : `signal ${signal}`;
}
