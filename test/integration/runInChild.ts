import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import type { ICredentialDataDecryptedObject, INodeExecutionData } from 'n8n-workflow';
import { systemClock } from '../../lib/support/clock';

/** One execution of a node of the package. */
export interface ChildWork {
	readonly node: 'KubernetesRollout' | 'PostgresBackup' | 'PrismaMigrate';
	readonly parameters: Readonly<Record<string, unknown>>;
	readonly credentials: Readonly<Record<string, ICredentialDataDecryptedObject>>;
}

export interface ChildOutcome {
	readonly outputs?: INodeExecutionData[][];
	/** Message of what the node threw. */
	readonly error?: string;
}

/** A node that is executed in a process of its own, so that it can be stopped and killed as n8n can. */
export interface Child {
	/** What it printed; undefined when it was killed before. */
	readonly outcome: Promise<ChildOutcome | undefined>;
	/** SIGSTOP; resolves once the kernel has stopped it. */
	freeze(): Promise<void>;
	/** SIGCONT. */
	thaw(): void;
	/** SIGKILL; resolves once it is gone. */
	kill(): Promise<void>;
}

const FOLDER = path.join(__dirname, 'child');

export function runInChild(work: ChildWork): Child {
	const child = spawn(
		process.execPath,
		['--require', path.join(FOLDER, 'registerTypescript.cjs'), path.join(FOLDER, 'executeNode.ts')],
		// The flags of the test process are not for the child.
		{ stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, NODE_OPTIONS: '' } },
	);
	const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
	child.stdin.end(JSON.stringify(work));
	return {
		outcome: text(child.stdout).then((line) => (line === '' ? undefined : (JSON.parse(line) as ChildOutcome))),
		freeze: async () => {
			child.kill('SIGSTOP');
			while (!isStopped(child.pid ?? 0)) await systemClock.sleep(5);
		},
		thaw: () => void child.kill('SIGCONT'),
		kill: async () => {
			child.kill('SIGKILL');
			await gone;
		},
	};
}

function isStopped(pid: number): boolean {
	return /^State:\s+T/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
}
