import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import process from 'node:process';
import pg from 'pg';
import { findBinaries } from '../../sandbox/postgres.ts';

/** How to reach a database of the server. */
export function connectionTo({ host, port, user, password }, database) {
	return { host, port, user, password, database, ssl: 'disable' };
}

export async function query({ host, port, user, password, database }, sql, values = []) {
	const client = new pg.Client({ host, port, user, password, database });
	await client.connect();
	try {
		return (await client.query(sql, values)).rows;
	} finally {
		await client.end();
	}
}

export async function createDatabase(server, name) {
	await query(connectionTo(server, 'postgres'), `CREATE DATABASE ${pg.escapeIdentifier(name)} TEMPLATE template0`);
}

export async function dropDatabase(server, name) {
	await query(connectionTo(server, 'postgres'), `DROP DATABASE ${pg.escapeIdentifier(name)}`);
}

/** Runs one of PostgreSQL's own programs to its good end; `stdin` and `stdout` are file descriptors. */
export async function runTool(
	{ host, port, user, password },
	name,
	args,
	{ stdin = 'ignore', stdout = 'ignore' } = {},
) {
	const child = spawn(join(await findBinaries(), name), args, {
		env: { PATH: process.env.PATH, PGHOST: host, PGPORT: String(port), PGUSER: user, PGPASSWORD: password },
		stdio: [stdin, stdout, 'inherit'],
	});
	const [code] = await once(child, 'close');
	if (code !== 0) throw new Error(`${name} ended with ${String(code)}`);
}

/** In seconds. */
export async function secondsOf(act) {
	const started = performance.now();
	await act();
	return (performance.now() - started) / 1000;
}
