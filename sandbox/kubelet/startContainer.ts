import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { createContainerLog } from './containerLog.ts';
import type { ContainerLog } from './containerLog.ts';
import { createProcessMeter } from './measureProcess.ts';
import type { ProcessUsage } from './measureProcess.ts';

/** How a container's process ended. */
export interface ContainerExit {
	/** 128 + n after signal n. */
	readonly exitCode: number;
	readonly finishedAt: Date;
}

export interface Container {
	readonly id: string;
	readonly startedAt: Date;
	readonly log: ContainerLog;
	/** Resolves, never rejects, when the process is gone and its output read. */
	readonly exited: Promise<ContainerExit>;
	/** What its process uses; undefined when that is not known. */
	usage(): ProcessUsage | undefined;
	/** SIGTERM, and SIGKILL after the grace. A second call with a shorter grace shortens it. */
	stop(graceMs: number): void;
}

const mainFile = fileURLToPath(new URL('../app/main.ts', import.meta.url));
const signalNumbers: Partial<Record<NodeJS.Signals, number>> = {
	SIGINT: 2,
	SIGABRT: 6,
	SIGKILL: 9,
	SIGSEGV: 11,
	SIGTERM: 15,
};

/**
 * Starts the demo application as one process, in a session of its own. It gets only the environment given, says by IPC on
 * which port it listens, and ends itself when that channel closes, so that it cannot outlive us.
 */
export function startContainer({
	env,
	args,
	onListening,
}: {
	env: NodeJS.ProcessEnv;
	args: readonly string[];
	onListening: (port: number) => void;
}): Container {
	const log = createContainerLog();
	const startedAt = new Date();
	const child = spawn(process.execPath, [mainFile, ...args], {
		env,
		detached: true,
		stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
	});
	for (const stream of [child.stdout, child.stderr]) {
		if (stream) createInterface(stream).on('line', (line) => log.append(line));
	}
	child.on('message', (message) => {
		const port = (message as { listening?: unknown }).listening;
		if (typeof port === 'number') onListening(port);
	});
	const exited = new Promise<ContainerExit>((resolve) => {
		child.once('error', (error) => {
			log.append(`the process could not be started: ${error.message}`);
			resolve({ exitCode: 128, finishedAt: new Date() });
		});
		child.once('close', (code, signal) => {
			resolve({ exitCode: code ?? 128 + ((signal && signalNumbers[signal]) ?? 0), finishedAt: new Date() });
		});
	});
	let killer: NodeJS.Timeout | undefined;
	void exited.then(() => clearTimeout(killer));
	let killAt = Infinity;
	return {
		id: `sandbox://${randomBytes(32).toString('hex')}`,
		startedAt,
		log,
		exited,
		usage: createProcessMeter(child.pid, startedAt),
		stop(graceMs) {
			if (child.exitCode !== null || child.signalCode !== null || Date.now() + graceMs >= killAt) return;
			killAt = Date.now() + graceMs;
			clearTimeout(killer);
			if (graceMs > 0) child.kill('SIGTERM');
			else child.kill('SIGKILL');
			killer = setTimeout(() => child.kill('SIGKILL'), graceMs);
		},
	};
}
