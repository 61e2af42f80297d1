import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findTool } from '../../../lib/backup/findTool.client';

let root: string;
beforeEach(async () => {
	root = await mkdtemp(join(tmpdir(), 'runbook-test-'));
});
afterEach(async () => await rm(root, { recursive: true }));

async function install(folder: string, output: string, mode = 0o755): Promise<string> {
	const path = join(root, folder);
	await mkdir(path);
	await writeFile(join(path, 'pg_dump'), `#!/bin/sh\necho '${output}'\n`);
	await chmod(join(path, 'pg_dump'), mode);
	return path;
}

test('takes the closest version at or above the server, whatever the order of folders', async () => {
	const folders = await Promise.all([
		install('newest', 'pg_dump (PostgreSQL) 17.6 (Debian 17.6-1)'),
		install('old', 'pg_dump (PostgreSQL) 14.19'),
		install('right', 'pg_dump (PostgreSQL) 15.18'),
		install('same', 'pg_dump (PostgreSQL) 15.2'),
		install('preview', 'pg_dump (PostgreSQL) 18beta1'),
	]);
	expect(await findTool('pg_dump', 15, { folders })).toEqual({
		path: join(root, 'right', 'pg_dump'),
		version: '15.18',
		major: 15,
	});
	expect(await findTool('pg_dump', 16, { folders })).toMatchObject({ version: '17.6', major: 17 });
	expect(await findTool('pg_dump', 18, { folders })).toMatchObject({ version: '18beta1', major: 18 });
});

test('refuses when every version is older than the server, naming what is needed', async () => {
	const folders = [await install('old', 'pg_dump (PostgreSQL) 14.19')];
	await expect(findTool('pg_dump', 15, { folders })).rejects.toMatchObject({
		code: 'BACKUP.TOOL_TOO_OLD',
		message: 'pg_dump 14.19 is older than the server, which needs version 15 or newer',
	});
});

test('refuses when there is none; what cannot be run or is something else does not count', async () => {
	const folders = [
		join(root, 'absent'),
		await install('other', 'not a version'),
		await install('locked', 'pg_dump (PostgreSQL) 15.18', 0o644),
	];
	await expect(findTool('pg_dump', 15, { folders })).rejects.toMatchObject({
		code: 'BACKUP.TOOL_MISSING',
		fix: expect.stringContaining('postgresql-client'),
	});
});
