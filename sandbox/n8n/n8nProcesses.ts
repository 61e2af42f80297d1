import { join } from 'node:path';
import { mkdir, readFile, rm, symlink } from 'node:fs/promises';
import { reservePort } from '../reservePort.ts';
import { startDaemon } from '../startDaemon.ts';
import type { Daemon } from '../startDaemon.ts';

export interface ProcessOptions {
	/** n8n's program. */
	readonly binary: string;
	readonly directory: string;
	/** What main and workers have in common. */
	readonly env: NodeJS.ProcessEnv;
	/** How many workers run the executions; 0: main runs them itself. */
	readonly workers: number;
}

/** The processes of one n8n: its main and, in queue mode, its workers. */
export interface N8nProcesses {
	/** Starts those that do not run, and resolves when all say that they are ready. */
	start(): Promise<void>;
	/** Ends main and workers with SIGKILL, with whatever they started. */
	kill(): Promise<void>;
	killWorkers(): Promise<void>;
	/** What they logged since the first start, main first. */
	readLog(): Promise<string>;
	stop(): Promise<void>;
}

const main = 'n8n';
const readyTimeoutMs = 120_000;

/** Describes the processes of an n8n; nothing runs yet. */
export function createProcesses({ binary, directory, env, workers }: ProcessOptions): N8nProcesses {
	const running = new Map<string, Daemon>();
	let migrated = false;
	const workerNames = Array.from({ length: workers }, (_, index) => `n8n-worker-${index + 1}`);
	const logFile = (name: string): string => join(directory, `${name}.log`);

	async function launch(name: string): Promise<void> {
		if (running.has(name)) return;
		const userFolder = name === main ? directory : await createWorkerFolder(directory, name);
		// After a crash n8n pauses for ten seconds if it finds this mark, which teaches nothing here.
		await rm(join(userFolder, '.n8n', 'crash.journal'), { force: true });
		const daemon = await startDaemon({
			name,
			command: process.execPath,
			args: [binary, name === main ? 'start' : 'worker'],
			cwd: directory,
			env: {
				...env,
				N8N_LOG_FILE_LOCATION: logFile(name),
				N8N_USER_FOLDER: userFolder,
				N8N_RUNNERS_BROKER_PORT: String(await reservePort()),
				...(name === main ? {} : await workerEnvironment()),
			},
			readyPattern: name === main ? /Editor is now accessible/ : /n8n worker is now ready/,
			readyTimeoutMs,
			stopSignal: 'SIGTERM',
			stopTimeoutMs: 20_000,
		});
		running.set(name, daemon);
		void daemon.exited.then(() => {
			if (running.get(name) === daemon) running.delete(name);
		});
	}

	async function kill(names: readonly string[]): Promise<void> {
		const daemons = names.flatMap((name) => running.get(name) ?? []);
		// The whole group: the end of a container takes n8n's task runner along.
		for (const { pid } of daemons) process.kill(-pid, 'SIGKILL');
		await Promise.all(daemons.map(({ exited }) => exited));
		for (const name of names) running.delete(name);
	}

	return {
		async start() {
			// The first time main goes ahead: it creates the tables.
			if (!migrated) await launch(main);
			migrated = true;
			const starts = await Promise.allSettled([main, ...workerNames].map(launch));
			for (const start of starts) if (start.status === 'rejected') throw start.reason;
		},
		kill: () => kill([main, ...workerNames]),
		killWorkers: () => kill(workerNames),
		async readLog() {
			const logs = [main, ...workerNames].map((name) => readFile(logFile(name), 'utf8').catch(() => ''));
			return (await Promise.all(logs)).join('');
		},
		async stop() {
			await Promise.all([...running.values()].map((daemon) => daemon.stop()));
		},
	};
}

/** A worker has a disk of its own, where it finds its crashed executions again; the installed packages are main's. */
async function createWorkerFolder(directory: string, name: string): Promise<string> {
	const folder = join(directory, name);
	await mkdir(join(folder, '.n8n'), { recursive: true });
	await symlink(join(directory, '.n8n', 'nodes'), join(folder, '.n8n', 'nodes')).catch(ignoreExisting);
	return folder;
}

function ignoreExisting(error: NodeJS.ErrnoException): void {
	if (error.code !== 'EEXIST') throw error;
}

async function workerEnvironment(): Promise<NodeJS.ProcessEnv> {
	return {
		QUEUE_HEALTH_CHECK_ACTIVE: 'true',
		QUEUE_HEALTH_CHECK_PORT: String(await reservePort()),
		N8N_WORKER_SERVER_ADDRESS: '127.0.0.1',
	};
}
