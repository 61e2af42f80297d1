import { execFileSync, spawnSync } from 'node:child_process';
import {
	appendFileSync,
	chmodSync,
	chownSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connectPostgres, type PostgresConnection } from '../../lib/support/postgres.client';
import { freePort } from './objectStorageServers';

interface SystemUser {
	readonly uid: number;
	readonly gid: number;
}

/** A PostgreSQL cluster of a test's own, whose write-ahead log is archived; and what a backup tool needs beside it. */
export class ArchivedCluster {
	readonly connection: PostgresConnection;
	readonly folder: string;
	readonly #programs: string;
	readonly #user: SystemUser | undefined;

	private constructor(
		folder: string,
		port: number,
		{ programs, user }: { programs: string; user: SystemUser | undefined },
	) {
		this.folder = folder;
		this.connection = {
			host: '127.0.0.1',
			port,
			database: 'postgres',
			user: 'postgres',
			password: '',
			ssl: 'disable',
		};
		this.#programs = programs;
		this.#user = user;
	}

	/** A running cluster; `programs` are those of another PostgreSQL than the newest that is installed. */
	static async start({ programs = newestPrograms() }: { programs?: string } = {}): Promise<ArchivedCluster> {
		const cluster = await ArchivedCluster.#create(programs);
		cluster.run('initdb', ['-D', cluster.data, '-U', 'postgres', '-A', 'trust', '--no-sync']);
		cluster.#launch();
		return cluster;
	}

	/** Another server over a copy of one's files: what a snapshot of its volume gives. */
	static async startCopyOf(origin: ArchivedCluster): Promise<ArchivedCluster> {
		const cluster = await ArchivedCluster.#create(newestPrograms());
		const { host, port } = origin.connection;
		const source = ['-h', host, '-p', String(port), '-U', 'postgres'];
		cluster.run('pg_basebackup', [...source, '-D', cluster.data, '-X', 'stream', '--checkpoint=fast', '--no-sync']);
		cluster.#launch();
		return cluster;
	}

	static async #create(programs: string): Promise<ArchivedCluster> {
		const folder = mkdtempSync(path.join(tmpdir(), 'archived-'));
		const cluster = new ArchivedCluster(folder, await freePort(), { programs, user: systemUser() });
		chmodSync(folder, 0o755);
		cluster.makeFolder('.');
		return cluster;
	}

	/** Settings of its own come last, so that they hold in a copy too. */
	#launch(): void {
		appendFileSync(
			path.join(this.data, 'postgresql.conf'),
			`port=${this.connection.port}\nlisten_addresses='127.0.0.1'\nunix_socket_directories='${this.folder}'\narchive_mode=on\narchive_command='false'\nfsync=off\nshared_buffers=16MB\n`,
		);
		this.run('pg_ctl', ['-D', this.data, '-l', path.join(this.folder, 'log'), '-w', 'start']);
	}

	get data(): string {
		return path.join(this.folder, 'data');
	}

	makeFolder(...parts: string[]): string {
		const folder = path.join(this.folder, ...parts);
		mkdirSync(folder, { recursive: true });
		if (this.#user) chownSync(folder, this.#user.uid, this.#user.gid);
		return folder;
	}

	write(name: string, text: string): string {
		const file = path.join(this.folder, name);
		writeFileSync(file, text);
		return file;
	}

	/** A program, as the system user that owns the cluster. */
	run(program: string, args: readonly string[]): string {
		const env = { PATH: `${this.#programs}:${process.env.PATH ?? ''}`, LC_ALL: 'C', HOME: this.folder };
		return execFileSync(program, args, {
			env,
			cwd: this.folder,
			stdio: ['ignore', 'pipe', 'pipe'],
			encoding: 'utf8',
			...this.#user,
		});
	}

	async query(...statements: string[]): Promise<void> {
		const client = await connectPostgres(this.connection);
		for (const statement of statements) await client.query(statement);
		await client.end();
	}

	/** From now on the log is archived so; resolves when a first file was. */
	async archiveBy(command: string): Promise<void> {
		await this.query(
			`ALTER SYSTEM SET archive_command = '${command}'`,
			'SELECT pg_reload_conf()',
			`SELECT pg_stat_reset_shared('archiver')`,
		);
		await this.archiveNow();
	}

	async archiveNow(): Promise<void> {
		const client = await connectPostgres(this.connection);
		try {
			await client.query('CREATE TABLE IF NOT EXISTS marks (at timestamptz)');
			await client.query('INSERT INTO marks SELECT now()');
			const { rows } = await client.query<{ file: string }>('SELECT pg_walfile_name(pg_switch_wal()) AS file');
			for (;;) {
				const archived = await client.query('SELECT 1 FROM pg_stat_archiver WHERE last_archived_wal >= $1', [
					rows[0]?.file,
				]);
				if (archived.rowCount === 1) return;
				await new Promise((resolve) => setTimeout(resolve, 100));
			}
		} finally {
			await client.end();
		}
	}

	/** Ends it as a power cut does. */
	crash(): void {
		process.kill(Number.parseInt(readFileSync(path.join(this.data, 'postmaster.pid'), 'utf8'), 10), 'SIGQUIT');
	}

	stop(): void {
		this.run('pg_ctl', ['-D', this.data, '-m', 'immediate', '-w', 'stop']);
		rmSync(this.folder, { recursive: true, force: true });
	}
}

/** Where the programs of the newest PostgreSQL that is installed are. */
export function newestPrograms(): string {
	const majors = readdirSync('/usr/lib/postgresql').filter((name) => /^\d+$/.test(name));
	return `/usr/lib/postgresql/${Math.max(...majors.map(Number))}/bin`;
}

/** PostgreSQL refuses to run as root. */
function systemUser(): SystemUser | undefined {
	if (process.getuid?.() !== 0) return undefined;
	const id = (option: string): number => Number(execFileSync('id', [option, 'postgres'], { encoding: 'utf8' }));
	return { uid: id('-u'), gid: id('-g') };
}

/** True when a program is there; said aloud when it is not. */
export function isInstalled(program: string, args: readonly string[]): boolean {
	if (spawnSync(program, args).status === 0) return true;
	process.stderr.write(
		`SKIPPED: the tests on the real ${program}: it is not installed (Debian package ${program})\n`,
	);
	return false;
}
