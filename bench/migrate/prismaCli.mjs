import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** The newest that still has `migrate deploy`. */
const VERSION = '7.10.1';
const ROUNDS = 5;

/**
 * Prisma's command line, installed aside from the package. Its engine is a program that its installation downloads from elsewhere than the
 * registry: where that cannot be had, the time of its own start stands for it, which is a part of every `migrate deploy`.
 * @returns milliseconds at the median, and whether they are of a deployment or of the start alone
 */
export async function measureCli({ directory, createUrl, migrations }) {
	await mkdir(join(directory, 'prisma'), { recursive: true });
	await writeFile(join(directory, 'package.json'), '{ "private": true }');
	await writeFile(join(directory, 'prisma', 'schema.prisma'), 'datasource db {\n  provider = "postgresql"\n}\n');
	await writeFile(
		join(directory, 'prisma.config.ts'),
		`import { defineConfig } from 'prisma/config';
export default defineConfig({ schema: 'prisma/schema.prisma', migrations: { path: ${JSON.stringify(migrations)} }, datasource: { url: process.env.DATABASE_URL } });
`,
	);
	await run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', `prisma@${VERSION}`], {
		cwd: directory,
	});
	const cli = join(directory, 'node_modules', 'prisma', 'build', 'index.js');
	const env = { PATH: process.env.PATH, HOME: directory, CHECKPOINT_DISABLE: '1' };
	const start = async (words) =>
		await run(process.execPath, [cli, ...words], {
			cwd: directory,
			env: { ...env, DATABASE_URL: await createUrl() },
		});
	const hasEngine = await start(['migrate', 'deploy']).then(
		() => true,
		() => false,
	);
	const times = [];
	for (let round = 0; round < ROUNDS; round++) {
		const startedAt = performance.now();
		await start(hasEngine ? ['migrate', 'deploy'] : ['--help']);
		times.push(performance.now() - startedAt);
	}
	return { cliMs: times.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)], cliRan: hasEngine ? 'deploy' : 'start' };
}
