import { execFile } from 'node:child_process';
import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const packageName = 'n8n-nodes-deployment-runbook';

/**
 * Puts the package where n8n looks for community packages, as `npm pack` would publish it. Its dependencies are those of
 * its lock file, installed once into the cache (`dependencies`, a folder with node_modules) and linked.
 */
export async function installPackage(options: {
	projectFolder: string;
	userFolder: string;
	dependencies: string;
}): Promise<void> {
	const nodes = join(options.userFolder, '.n8n', 'nodes');
	const target = join(nodes, 'node_modules', packageName);
	await mkdir(target, { recursive: true });
	await writeFile(
		join(nodes, 'package.json'),
		JSON.stringify({ name: 'installed-nodes', private: true, dependencies: {} }),
	);
	await run('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', nodes], {
		cwd: options.projectFolder,
	});
	const tarball = (await readdir(nodes)).find((name) => name.endsWith('.tgz'));
	if (tarball === undefined) throw new Error('npm pack gave no tarball');
	await run('tar', ['-xzf', join(nodes, tarball), '-C', target, '--strip-components=1']);
	await symlink(join(options.dependencies, 'node_modules'), join(target, 'node_modules'));
}
