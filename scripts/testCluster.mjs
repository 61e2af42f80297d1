// `npm run test:cluster`: holds the rollout and the sandbox's Kubernetes API against a real control plane (etcd, kube-apiserver,
// kube-controller-manager) with the sandbox's kubelet and service proxy as its node. What is missing is built from Go modules;
// `-- --if-built` skips instead, loudly. Other arguments go to jest.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import { findControlPlane, makeControlPlane } from './controlPlane.mjs';
import { startServing } from './startServing.mjs';

const ROOT = join(import.meta.dirname, '..');
const IF_BUILT = '--if-built';
const options = process.argv.slice(2).filter((option) => option !== IF_BUILT);

const { missing } = findControlPlane();
if (missing.length > 0 && process.argv.includes(IF_BUILT)) {
	console.log(
		`\n!! SKIPPED: the tests against a real Kubernetes control plane. Missing: ${missing.join(', ')}.\n!! "npm run test:cluster" builds them.\n`,
	);
} else {
	const programs = await makeControlPlane();
	const sandbox = await startServing(['--control-plane', programs, '--requests-per-second', '0']);
	for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => sandbox.stop());
	try {
		process.exitCode = await runJest(sandbox.endpoints);
	} finally {
		await sandbox.stop();
	}
}

async function runJest(endpoints) {
	const jest = join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js');
	const args = ['--experimental-vm-modules', '--no-warnings', jest, '-c', 'jest.config.js'];
	const child = spawn(process.execPath, [...args, ...options, '--selectProjects', 'cluster'], {
		cwd: ROOT,
		stdio: ['ignore', 'inherit', 'inherit'],
		env: { ...process.env, SANDBOX_ENDPOINTS: endpoints },
	});
	return await new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
}
