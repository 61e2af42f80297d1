import { execFile } from 'node:child_process';
import { chmod, chown, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findBinaries, findSystemUser, startServer } from './postgres.ts';
import type { PostgresHandle } from './postgres.ts';

const run = promisify(execFile);

/**
 * Copies a running server with pg_basebackup and starts the copy as its streaming hot standby, with a slot of its own where `slot` is given.
 * Its logins are the primary's.
 *
 * @throws when the copy fails or the standby does not serve.
 */
export async function startPostgresStandby(
	primary: PostgresHandle,
	{ directory, application, slot }: { directory: string; application: string; slot?: string },
): Promise<PostgresHandle> {
	const binaries = await findBinaries();
	const systemUser = await findSystemUser();
	const data = join(directory, 'data');
	const env = { PATH: process.env['PATH'], LC_ALL: 'C.UTF-8' };
	await mkdir(directory, { recursive: true });
	const remove = () => rm(directory, { recursive: true, force: true });
	try {
		if (systemUser) {
			await chown(directory, systemUser.uid, systemUser.gid);
			await chmod(directory, 0o700);
		}
		const { host, port, user, password } = primary;
		const conninfo = `host=${host} port=${port} user=${user} application_name=${application}`;
		await run(
			join(binaries, 'pg_basebackup'),
			[
				`--dbname=${conninfo}`,
				`--pgdata=${data}`,
				'--write-recovery-conf',
				'--wal-method=stream',
				'--checkpoint=fast',
				'--no-sync',
				...(slot === undefined ? [] : ['--create-slot', `--slot=${slot}`]),
			],
			{ env: { ...env, PGPASSWORD: password }, cwd: directory, ...systemUser },
		);
		const { daemon, port: own } = await startServer({
			binaries,
			data,
			env,
			name: 'PostgreSQL standby',
			systemUser,
		});
		let stopping: Promise<void> | undefined;
		const stop = () => (stopping ??= daemon.stop().then(remove));
		return { host, port: own, user, password, stop };
	} catch (error) {
		await remove();
		throw error;
	}
}
