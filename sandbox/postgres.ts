import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { access, appendFile, chmod, chown, constants, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { guardProcess } from './guard.ts';
import { reservePort } from './reservePort.ts';
import { startDaemon } from './startDaemon.ts';
import type { Daemon } from './startDaemon.ts';

export interface PostgresHandle {
	readonly host: string;
	readonly port: number;
	/** The superuser. */
	readonly user: string;
	readonly password: string;
	/** Fast shutdown, then the cluster's directory is deleted. */
	stop(): Promise<void>;
}

export interface SystemUser {
	readonly uid: number;
	readonly gid: number;
}

const run = promisify(execFile);

/** fsync is off because this cluster never outlives its process; the messages are C so that we can read them. */
const settings = `
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 200
shared_buffers = 64MB
fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = replica
max_wal_size = 256MB
lc_messages = 'C'
timezone = 'UTC'
log_timezone = 'UTC'
log_min_error_statement = panic
logging_collector = off
`;

/**
 * Initialises and starts a real PostgreSQL server on loopback TCP, with scram-sha-256 for a random password. Its files
 * are in `directory` (created, must not hold a cluster yet). Run by root, it starts as the system user `postgres` or `nobody`.
 *
 * @throws when the server programs are missing (naming the command that installs them) or the server does not start.
 */
export async function startPostgres({
	directory,
	name = 'PostgreSQL',
	extraSettings = '',
}: {
	directory: string;
	name?: string;
	/** Lines of postgresql.conf that come after ours. */
	extraSettings?: string;
}): Promise<PostgresHandle> {
	const binaries = await findBinaries();
	const systemUser = await findSystemUser();
	const password = randomBytes(18).toString('base64url');
	const data = join(directory, 'data');
	const env = { PATH: process.env['PATH'], LC_ALL: 'C.UTF-8' };
	await mkdir(directory, { recursive: true });
	const remove = () => rm(directory, { recursive: true, force: true });
	try {
		if (systemUser) {
			await chown(directory, systemUser.uid, systemUser.gid);
			await chmod(directory, 0o700);
		}
		const passwordFile = join(directory, 'password');
		await writeFile(passwordFile, password, { mode: 0o600 });
		if (systemUser) await chown(passwordFile, systemUser.uid, systemUser.gid);
		const initdbArgs = ['-D', data, '-U', 'postgres', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`];
		const options = { env, cwd: directory, ...systemUser };
		const initdb = run(
			join(binaries, 'initdb'),
			[...initdbArgs, '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync'],
			options,
		);
		const release = initdb.child.pid === undefined ? () => {} : guardProcess(initdb.child.pid);
		await initdb.finally(release);
		await rm(passwordFile);
		await appendFile(join(data, 'postgresql.conf'), `${settings}${extraSettings}\n`);
		const { daemon, port } = await startServer({ binaries, data, env, name, systemUser });
		let stopping: Promise<void> | undefined;
		const stop = () => (stopping ??= daemon.stop().then(remove));
		return { host: '127.0.0.1', port, user: 'postgres', password, stop };
	} catch (error) {
		await remove();
		throw error;
	}
}

export interface ServerOptions {
	readonly binaries: string;
	readonly data: string;
	readonly env: NodeJS.ProcessEnv;
	readonly name: string;
	readonly systemUser: SystemUser | undefined;
}

/** PostgreSQL cannot choose a free port itself; three attempts, should another program take ours in between. */
export async function startServer({
	binaries,
	data,
	env,
	name,
	systemUser,
}: ServerOptions): Promise<{ daemon: Daemon; port: number }> {
	for (let attempt = 1; ; attempt++) {
		const port = await reservePort();
		try {
			const daemon = await startDaemon({
				name,
				command: join(binaries, 'postgres'),
				args: ['-D', data, '-p', String(port)],
				cwd: data,
				env,
				readyPattern: /database system is ready to accept (read-only )?connections/,
				readyTimeoutMs: 30_000,
				stopSignal: 'SIGINT',
				stopTimeoutMs: 10_000,
				...(systemUser ? { user: systemUser } : {}),
			});
			return { daemon, port };
		} catch (error) {
			const portTaken = error instanceof Error && error.message.includes('Address already in use');
			if (!portTaken || attempt === 3) throw error;
		}
	}
}

/** The newest of Debian's /usr/lib/postgresql, else the first directory of PATH that has both programs. */
export async function findBinaries(): Promise<string> {
	const versions = await readdir('/usr/lib/postgresql').catch(() => []);
	const newestFirst = versions.filter((version) => /^\d+$/.test(version)).sort((a, b) => Number(b) - Number(a));
	const packaged = newestFirst.map((version) => `/usr/lib/postgresql/${version}/bin`);
	for (const folder of [...packaged, ...(process.env['PATH'] ?? '').split(delimiter)]) {
		if (folder && (await isExecutable(join(folder, 'initdb'))) && (await isExecutable(join(folder, 'postgres'))))
			return folder;
	}
	throw new Error('The PostgreSQL server programs are missing; install them: apt-get install postgresql');
}

async function isExecutable(path: string): Promise<boolean> {
	return access(path, constants.X_OK).then(
		() => true,
		() => false,
	);
}

/** initdb and postgres refuse root: then another system user is needed. Undefined when we are not root. */
export async function findSystemUser(): Promise<SystemUser | undefined> {
	if (process.getuid?.() !== 0) return undefined;
	const lines = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
	for (const wanted of ['postgres', 'nobody']) {
		const entry = lines.find(([name]) => name === wanted);
		if (entry) return { uid: Number(entry[2]), gid: Number(entry[3]) };
	}
	throw new Error(
		'PostgreSQL refuses to run as root, and neither the user postgres nor nobody exists; create one: useradd --system postgres',
	);
}
