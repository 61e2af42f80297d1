import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { reservePort } from '../reservePort.ts';
import { startDaemon } from '../startDaemon.ts';
import { setUpOwner } from './client.ts';
import type { N8nClient, Owner } from './client.ts';
import { installPackage } from './installPackage.ts';

export interface N8nCredential {
	readonly id: string;
	readonly name: string;
	readonly type: string;
	readonly data: Readonly<Record<string, unknown>>;
}

export interface N8nOptions {
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
	readonly credentials: readonly N8nCredential[];
	/** The workflows as JSON, in the order in which they are published: callees before callers. */
	readonly workflows: ReadonlyArray<{ readonly id: string; readonly name: string }>;
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
	/** Ends n8n with SIGKILL and starts it again on the same data. */
	killAndRestart(): Promise<void>;
	readLog(): Promise<string>;
	stop(): Promise<void>;
}

const readyTimeoutMs = 120_000;

/** Starts n8n headless with the package, credentials and workflows, published. It listens on loopback only. */
export async function startN8n(options: N8nOptions): Promise<N8n> {
	const { directory, progress } = options;
	const port = await reservePort();
	const url = `http://127.0.0.1:${String(port)}`;
	const binary = join(options.runtime, 'node_modules', 'n8n', 'bin', 'n8n');
	const logFile = join(directory, 'n8n.log');
	const env = await createEnvironment(options, { port, url, logFile });
	progress('n8n: installing the package');
	await installPackage({
		projectFolder: options.projectFolder,
		userFolder: directory,
		dependencies: options.dependencies,
	});

	const start = async () =>
		await startDaemon({
			name: 'n8n',
			command: process.execPath,
			args: [binary, 'start'],
			cwd: directory,
			env: { ...env, N8N_RUNNERS_BROKER_PORT: String(await reservePort()) },
			readyPattern: /Editor is now accessible/,
			readyTimeoutMs,
			stopSignal: 'SIGTERM',
			stopTimeoutMs: 20_000,
		});
	progress('n8n: starting');
	let daemon = await start();
	const cli = async (args: readonly string[]): Promise<string> =>
		await runProgram(process.execPath, [binary, ...args], {
			cwd: directory,
			env: { ...env, N8N_RUNNERS_BROKER_PORT: String(await reservePort()) },
		});
	try {
		options.signal?.throwIfAborted();
		const owner = { email: 'operator@sandbox.example', password: `Sb1-${randomBytes(12).toString('base64url')}` };
		const client = await setUpOwner(url, owner);
		progress('n8n: importing credentials and workflows');
		const importOutput = await importAll(options, cli);
		options.signal?.throwIfAborted();
		progress('n8n: publishing workflows');
		await publishAll(client, options.workflows);
		return {
			url,
			owner,
			client,
			importOutput,
			exportWorkflows: async () => await exportAll(directory, cli),
			killAndRestart: async () => {
				process.kill(daemon.pid, 'SIGKILL');
				await daemon.exited;
				daemon = await start();
			},
			readLog: async () => await readFile(logFile, 'utf8').catch(() => ''),
			stop: async () => await daemon.stop(),
		};
	} catch (error) {
		await daemon.stop();
		throw error;
	}
}

async function createEnvironment(
	{ database, directory }: N8nOptions,
	{ port, url, logFile }: { port: number; url: string; logFile: string },
): Promise<NodeJS.ProcessEnv> {
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
		N8N_WEBHOOK_URL: `${url}/`,
		N8N_SECURE_COOKIE: 'false',
		N8N_DIAGNOSTICS_ENABLED: 'false',
		N8N_VERSION_NOTIFICATIONS_ENABLED: 'false',
		N8N_TEMPLATES_ENABLED: 'false',
		N8N_PERSONALIZATION_ENABLED: 'false',
		N8N_HIRING_BANNER_ENABLED: 'false',
		N8N_LOG_LEVEL: 'info',
		N8N_LOG_OUTPUT: 'console,file',
		N8N_LOG_FILE_LOCATION: logFile,
		N8N_ENFORCE_SETTINGS_FILE_PERMISSIONS: 'true',
		DB_TYPE: 'postgresdb',
		DB_POSTGRESDB_HOST: database.host,
		DB_POSTGRESDB_PORT: String(database.port),
		DB_POSTGRESDB_DATABASE: database.database,
		DB_POSTGRESDB_USER: database.user,
		DB_POSTGRESDB_PASSWORD: database.password,
		GENERIC_TIMEZONE: 'Etc/UTC',
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
	for (const { id } of workflows) {
		const { versionId } = await client.get<{ versionId: string }>(`/rest/workflows/${id}`);
		await client.post(`/rest/workflows/${id}/activate`, { versionId });
	}
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
