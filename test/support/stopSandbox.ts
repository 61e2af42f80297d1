import { once } from 'node:events';

const STOP_TIMEOUT_MS = 60_000;

/** Ends the sandbox that the test run started: it stops when its stdin closes. */
export default async function stopSandbox(): Promise<void> {
	const child = globalThis.sandboxProcess;
	if (!child || child.exitCode !== null || child.signalCode !== null) return;
	child.removeAllListeners('exit');
	const ended = once(child, 'exit');
	const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
	child.stdin?.end();
	await ended;
	clearTimeout(timer);
	delete process.env.SANDBOX_ENDPOINTS;
}
