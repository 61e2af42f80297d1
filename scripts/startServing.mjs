import { spawn } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';

const ROOT = join(import.meta.dirname, '..');

/** The sandbox in a process of its own; it ends when its standard input closes, so also when this process dies. */
export async function startServing(options) {
	const child = spawn(process.execPath, [join(ROOT, 'sandbox', 'serve.ts'), ...options], {
		cwd: ROOT,
		stdio: ['pipe', 'pipe', 'inherit'],
		detached: true,
	});
	const ended = new Promise((resolve) => child.once('exit', resolve));
	const line = await Promise.race([
		new Promise((resolve) => createInterface(child.stdout).once('line', resolve)),
		ended.then(() => undefined),
	]);
	if (line === undefined) throw new Error('the sandbox did not start');
	return {
		endpoints: line,
		stop: async () => {
			child.stdin.end();
			await ended;
		},
	};
}
