import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { reservePort } from '../reservePort.ts';
import { setUpOwner } from './client.ts';
import type { N8nClient, Owner } from './client.ts';
import { installPackage } from './installPackage.ts';
import { listenPath } from './listenPath.ts';
import { createProcesses } from './n8nProcesses.ts';
import type { Workflow } from './readWorkflows.ts';
import { waitForWebhooks } from './waitForWebhooks.ts';

export interface N8nCredential {
	readonly id: string;
	readonly name: string;
	readonly type: string;
	readonly data: Readonly<Record<string, unknown>>;
}

/** In queue mode main takes requests and schedules, and workers run the executions. */
export type N8nMode = 'regular' | 'queue';

export interface N8nOptions {
	/** A free port for n8n to listen on. */
	readonly port: number;
	/** Folder with node_modules/n8n. */
	readonly runtime: string;
	/** Folder with the package's own node_modules. */
	readonly dependencies: string;
	readonly projectFolder: string;
	/** An empty folder for n8n's files. */
	readonly directory: string;
	readonly database: {
		readonly host: string;
		readonly port: number;
		readonly database: string;
		readonly user: string;
		readonly password: string;
	};
	/** The queue's, when workers run the executions. */
	readonly redis: { readonly host: string; readonly port: number; readonly password: string };
	/** `regular` unless said: one process runs everything. */
	readonly mode?: N8nMode | undefined;
	/** How many workers queue mode has; 2 unless said. */
	readonly workers?: number | undefined;
	readonly credentials: readonly N8nCredential[];
	/** The workflows as JSON, in the order in which they are published: callees before callers. */
	readonly workflows: readonly Workflow[];
	readonly progress: (message: string) => void;
	/** Aborting it ends the start. */
	readonly signal?: AbortSignal | undefined;
}

export interface N8n {
	readonly url: string;
	readonly owner: Owner;
	readonly client: N8nClient;
	/** What n8n's own CLI said while importing; empty of warnings when all is well. */
	readonly importOutput: string;
	/** Exports every workflow with n8n's CLI. */
	exportWorkflows(): Promise<unknown[]>;
	/** Ends n8n with SIGKILL: main and, in queue mode, every worker. */
	kill(): Promise<void>;
	/** Ends the workers of queue mode with SIGKILL. */
	killWorkers(): Promise<void>;
	/** Starts what does not run on the same data; resolves when n8n is healthy and every webhook and form answers again. */
	start(): Promise<void>;
	killAndRestart(): Promise<void>;
	/** What main and workers logged. */
	readLog(): Promise<string>;
	stop(): Promise<void>;
}

/** Production's sessions are in database 0 of the same Redis. */
const queueDatabase = 1;

/** Where an n8n of the sandbox listens. */
export function n8nUrl(port: number): string {
	return `http://127.0.0.1:${port}`;
}

/** Starts n8n headless with the package, credentials and workflows, published. It listens on loopback only. */
export async function startN8n(options: N8nOptions): Promise<N8n> {
	const { directory, progress } = options;
	const url = n8nUrl(options.port);
	const binary = join(options.runtime, 'node_modules', 'n8n', 'bin', 'n8n');
	const env = await createEnvironment(options);
	progress('n8n: installing the package');
	await installPackage({
		projectFolder: options.projectFolder,
		userFolder: directory,
		dependencies: options.dependencies,
	});

	const queue = options.mode === 'queue';
	const processes = createProcesses({
		binary,
		directory,
		env: queue ? { ...env, ...queueEnvironment(options) } : env,
		workers: queue ? (options.workers ?? 2) : 0,
	});
	const paths = options.workflows.flatMap(({ nodes }) => nodes.flatMap((node) => listenPath(node) ?? []));
	const cli = async (args: readonly string[]): Promise<string> =>
		await runProgram(process.execPath, [binary, ...args], {
			cwd: directory,
			env: { ...env, N8N_RUNNERS_BROKER_PORT: String(await reservePort()) },
		});
	progress(`n8n: starting${queue ? ' with workers' : ''}`);
	try {
		await processes.start();
		options.signal?.throwIfAborted();
		const owner = { email: 'operator@sandbox.example', password: `Sb1-${randomBytes(12).toString('base64url')}` };
		const client = await setUpOwner(url, owner);
		progress('n8n: importing credentials and workflows');
		const importOutput = await importAll(options, cli);
		options.signal?.throwIfAborted();
		progress('n8n: publishing workflows');
		await publishAll(client, options.workflows);
		await waitForWebhooks(url, paths);
		const start = async (): Promise<void> => {
			await processes.start();
			await waitForWebhooks(url, paths);
		};
		return {
			url,
			owner,
			client,
			importOutput,
			exportWorkflows: async () => await exportAll(directory, cli),
			kill: processes.kill,
			killWorkers: processes.killWorkers,
			start,
			killAndRestart: async () => {
				await processes.kill();
				await start();
			},
			readLog: processes.readLog,
			stop: processes.stop,
		};
	} catch (error) {
		await processes.stop();
		throw error;
	}
}

async function createEnvironment({ database, directory, port }: N8nOptions): Promise<NodeJS.ProcessEnv> {
	await mkdir(directory, { recursive: true });
	return {
		PATH: process.env.PATH,
		HOME: directory,
		NODE_ENV: 'production',
		N8N_USER_FOLDER: directory,
		N8N_ENCRYPTION_KEY: randomBytes(24).toString('hex'),
		N8N_PORT: String(port),
		N8N_HOST: '127.0.0.1',
		N8N_LISTEN_ADDRESS: '127.0.0.1',
		N8N_WEBHOOK_URL: `${n8nUrl(port)}/`,
		N8N_SECURE_COOKIE: 'false',
		N8N_DIAGNOSTICS_ENABLED: 'false',
		N8N_VERSION_NOTIFICATIONS_ENABLED: 'false',
		N8N_TEMPLATES_ENABLED: 'false',
		N8N_PERSONALIZATION_ENABLED: 'false',
		N8N_HIRING_BANNER_ENABLED: 'false',
		N8N_LOG_LEVEL: 'info',
		N8N_LOG_OUTPUT: 'console,file',
		N8N_LOG_FILE_LOCATION: join(directory, 'cli.log'),
		N8N_ENFORCE_SETTINGS_FILE_PERMISSIONS: 'true',
		DB_TYPE: 'postgresdb',
		DB_POSTGRESDB_HOST: database.host,
		DB_POSTGRESDB_PORT: String(database.port),
		DB_POSTGRESDB_DATABASE: database.database,
		DB_POSTGRESDB_USER: database.user,
		DB_POSTGRESDB_PASSWORD: database.password,
		// A phase runs inside a release and reads the configuration inside itself: by default each would wait for the others' connection and isolate.
		DB_POSTGRESDB_POOL_SIZE: '10',
		N8N_EXPRESSION_ENGINE_POOL_SIZE: '8',
		// The configuration is read by an execution of its own, without an expression: by default it would use up an isolate each time.
		N8N_EXPRESSION_ENGINE_LAZY_ACQUIRE: 'true',
		N8N_EXPRESSION_ENGINE_COMPILE_CACHE: 'true',
		GENERIC_TIMEZONE: 'Etc/UTC',
	};
}

function queueEnvironment({ redis }: N8nOptions): NodeJS.ProcessEnv {
	return {
		EXECUTIONS_MODE: 'queue',
		QUEUE_BULL_REDIS_HOST: redis.host,
		QUEUE_BULL_REDIS_PORT: String(redis.port),
		QUEUE_BULL_REDIS_PASSWORD: redis.password,
		QUEUE_BULL_REDIS_DB: String(queueDatabase),
	};
}

async function importAll(
	{ directory, credentials, workflows }: N8nOptions,
	cli: (args: readonly string[]) => Promise<string>,
): Promise<string> {
	const credentialsFile = join(directory, 'credentials.json');
	await writeFile(credentialsFile, JSON.stringify(credentials), { mode: 0o600 });
	const folder = join(directory, 'import');
	await mkdir(folder, { recursive: true });
	for (const workflow of workflows) await writeFile(join(folder, `${workflow.id}.json`), JSON.stringify(workflow));
	const output = [
		await cli(['import:credentials', `--input=${credentialsFile}`]),
		await cli(['import:workflow', '--separate', `--input=${folder}`]),
	];
	await writeFile(credentialsFile, '[]');
	return output.join('\n');
}

async function publishAll(client: N8nClient, workflows: N8nOptions['workflows']): Promise<void> {
	const imported = await client.get<ReadonlyArray<{ id: string; versionId: string }>>('/rest/workflows');
	const versions = new Map(imported.map(({ id, versionId }) => [id, versionId]));
	for (const { id } of workflows)
		await client.post(`/rest/workflows/${id}/activate`, { versionId: versions.get(id) });
}

async function exportAll(directory: string, cli: (args: readonly string[]) => Promise<string>): Promise<unknown[]> {
	const folder = join(directory, 'export');
	await mkdir(folder, { recursive: true });
	await cli(['export:workflow', '--all', '--separate', `--output=${folder}`]);
	const files = (await readdir(folder)).filter((file) => file.endsWith('.json')).sort();
	return await Promise.all(
		files.map(async (file) => JSON.parse(await readFile(join(folder, file), 'utf8')) as unknown),
	);
}

async function runProgram(
	command: string,
	args: readonly string[],
	{ cwd, env }: { cwd: string; env: NodeJS.ProcessEnv },
): Promise<string> {
	const child = spawn(command, [...args], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
	let output = '';
	for (const stream of [child.stdout, child.stderr])
		stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
	const code = await new Promise<number | null>((resolve, reject) => {
		child.once('error', reject);
		child.once('close', resolve);
	});
	if (code !== 0) throw new Error(`n8n ${args[1] ?? ''} ended with ${String(code)}:\n${output.slice(-2000)}`);
	return output;
}
