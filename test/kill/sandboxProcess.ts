import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { logIn } from '../../sandbox/n8n/client.ts';
import type { Owner } from '../../sandbox/n8n/client.ts';
import type { World } from '../../sandbox/stories/world.ts';

export type Mode = 'regular' | 'queue';

/** A sandbox of its own in another process, whose n8n can be killed. */
export interface SandboxProcess {
	readonly world: World;
	/** Ends n8n with SIGKILL, whatever runs its executions: all of it in regular mode, the workers in queue mode. */
	kill(): Promise<void>;
	/** Starts what was killed; resolves when every webhook answers. */
	start(): Promise<void>;
	/** Presses n8n's own *Retry* of an execution that crashed. Resolves when the new run has ended. @throws unless it ended well */
	retry(executionId: string): Promise<void>;
	stop(): Promise<void>;
}

const REPOSITORY = path.resolve(__dirname, '..', '..');
/** Enough for both gates of phase 4 to be judged, little enough for several productions on two cores. */
const REQUESTS_PER_SECOND = '10';

/** Starts a sandbox with these environments besides `production`. Its progress goes to standard error. */
export async function startSandboxProcess(mode: Mode, environments: readonly string[]): Promise<SandboxProcess> {
	const child = spawn(
		process.execPath,
		[
			path.join('sandbox', 'serve.ts'),
			'--n8n',
			...['--mode', mode],
			...['--environments', environments.join(',')],
			...['--requests-per-second', REQUESTS_PER_SECOND],
		],
		{
			cwd: REPOSITORY,
			stdio: ['pipe', 'pipe', 'inherit'],
			env: { ...process.env, NODE_OPTIONS: '' },
			detached: true,
		},
	);
	const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
	const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
	const nextLine = async (): Promise<string> => {
		const { done, value } = await lines.next();
		if (done) throw new Error('the sandbox ended');
		return value;
	};
	const command = async (name: string): Promise<void> => {
		child.stdin.write(`${name}\n`);
		const { error } = JSON.parse(await nextLine()) as { error?: string };
		if (error !== undefined) throw new Error(`the sandbox could not ${name}: ${error}`);
	};
	const { n8n, webhookSecret, ...endpoints } = JSON.parse(await nextLine()) as World['endpoints'] &
		Pick<World, 'webhookSecret'> & { readonly n8n: World['n8n'] & { readonly owner: Owner } };
	return {
		world: { endpoints, n8n, webhookSecret },
		kill: async () => await command(mode === 'queue' ? 'kill-workers' : 'kill'),
		start: async () => await command('start'),
		retry: async (executionId) => {
			const client = await logIn(n8n.url, n8n.owner);
			const path = `/rest/executions/${executionId}/retry`;
			const { status } = await client.post<{ status: string }>(path, { loadWorkflow: false });
			if (status !== 'success') throw new Error(`the retry of execution ${executionId} ended with ${status}`);
		},
		stop: async () => {
			child.stdin.end();
			await ended;
		},
	};
}
