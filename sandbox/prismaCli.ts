import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';

/** What one `prisma migrate deploy` did. */
export interface CliDeployment {
	readonly isApplied: boolean;
	/** What it printed, errors included. */
	readonly output: string;
	/** From its start until it said that all is applied, or until it ended. */
	readonly ms: number;
}

const DONE = /successfully applied|No pending migrations to apply/;
/** From the package's folder, in which tests and benchmarks run. */
const { resolve } = createRequire(join(process.cwd(), 'package.json'));

/**
 * Prisma's own command line as a process. 6.19 can work with the engine that the registry has (`engine: 'js'`); 7 runs a program only that its
 * installation downloads from elsewhere. Scripts are sent whole, as that program sends them: the stock
 * adapter splits them at every semicolon, also inside of bodies and literals. A timer keeps the process for ten seconds after its work: it is
 * ended once it has said that all is applied.
 * `directory` is its own and empty; `url` is where it deploys, `migrations` the folder.
 */
export async function deployByPrismaCli({
	directory,
	url,
	migrations,
}: {
	directory: string;
	url: string;
	migrations: string;
}): Promise<CliDeployment> {
	await writeProject(directory, migrations);
	const env = {
		...{ PATH: process.env.PATH, HOME: directory, DATABASE_URL: url, CHECKPOINT_DISABLE: '1' },
		// It looks for this program before it does anything, and never runs it.
		PRISMA_QUERY_ENGINE_LIBRARY: process.execPath,
	};
	const startedAt = performance.now();
	const cli = spawn(process.execPath, [resolve('prisma/build/index.js'), 'migrate', 'deploy'], {
		cwd: directory,
		env,
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	let output = '';
	await new Promise<void>((finished, failed) => {
		const hear = (text: Buffer): void => {
			output += text.toString();
			if (DONE.test(output)) finished();
		};
		cli.stdout.on('data', hear);
		cli.stderr.on('data', hear);
		cli.on('error', failed);
		cli.on('close', () => finished());
	});
	const ms = performance.now() - startedAt;
	cli.kill('SIGKILL');
	return { isApplied: DONE.test(output), output, ms };
}

async function writeProject(directory: string, migrations: string): Promise<void> {
	await mkdir(directory, { recursive: true });
	await writeFile(
		join(directory, 'schema.prisma'),
		'datasource db {\n\tprovider = "postgresql"\n\turl = "postgresql://not-used"\n}\n',
	);
	const adapter = pathToFileURL(resolve('@prisma/adapter-pg')).href;
	await writeFile(
		join(directory, 'prisma.config.mjs'),
		`import { PrismaPg } from ${JSON.stringify(adapter)};
class WholeScripts extends PrismaPg {
	async connect() {
		const adapter = await super.connect();
		const executeScript = async (script) => {
			await adapter.client.query(script).catch((error) => adapter.onError(error));
		};
		return Object.assign(adapter, { executeScript });
	}
}
export default {
	experimental: { adapter: true },
	engine: 'js',
	schema: 'schema.prisma',
	migrations: { path: ${JSON.stringify(migrations)} },
	adapter: async () => new WholeScripts({ connectionString: process.env.DATABASE_URL }),
};
`,
	);
}
