import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';

/** Object storage in a process of its own, as it is in production: its work and memory are not those of what is measured. */
export async function startStorage({ directory, buckets, cleanups }) {
	const script = join(import.meta.dirname, 'serveStorage.mjs');
	const child = spawn(process.execPath, ['--no-warnings', script, directory, ...buckets], {
		stdio: ['pipe', 'pipe', 'inherit'],
	});
	cleanups.add('object storage', async () => {
		child.stdin.end();
		if (child.exitCode === null) await once(child, 'exit');
	});
	const [line] = await once(createInterface({ input: child.stdout }), 'line');
	return { ...JSON.parse(line), forcePathStyle: true, ignoreCertificate: false };
}
