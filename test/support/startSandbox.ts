import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';

declare global {
	/** The sandbox that this test run started; absent when it was given one. */
	var sandboxProcess: ChildProcess | undefined;
}

const REPOSITORY = path.resolve(__dirname, '..', '..');
/** initdb, the first cluster reconciliation and slow disks together stay well below this. */
const START_TIMEOUT_MS = 180_000;

/** Starts the sandbox once for the whole test run, unless SANDBOX_ENDPOINTS already names one. */
export default async function startSandbox(): Promise<void> {
	if (process.env.SANDBOX_ENDPOINTS !== undefined) return;
	const child = spawn(process.execPath, [path.join('sandbox', 'serve.ts')], {
		cwd: REPOSITORY,
		stdio: ['pipe', 'pipe', 'inherit'],
		// The flags of the test process are not for the sandbox.
		env: { ...process.env, NODE_OPTIONS: '' },
	});
	globalThis.sandboxProcess = child;
	process.env.SANDBOX_ENDPOINTS = await readEndpoints(child);
}

async function readEndpoints(child: ChildProcess): Promise<string> {
	if (!child.stdout) throw new Error('the sandbox has no stdout');
	const lines = createInterface({ input: child.stdout });
	return await new Promise((resolve, reject) => {
		const timer = setTimeout(() => {
			child.stdin?.end();
			reject(new Error(`the sandbox was not ready within ${START_TIMEOUT_MS} ms`));
		}, START_TIMEOUT_MS);
		child.once('exit', (code, signal) => {
			clearTimeout(timer);
			reject(new Error(`the sandbox ended before it was ready (exit ${code ?? signal})`));
		});
		child.once('error', reject);
		lines.on('line', (line) => {
			if (!line.startsWith('{')) return;
			clearTimeout(timer);
			resolve(line);
		});
	});
}
