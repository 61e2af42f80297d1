import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { migrationErrors } from './errors';
import type { MigrationFile, MigrationsFolder } from './model';
import { fieldOf } from './sqlState';

/**
 * The migrations on the n8n host. Synchronous and read once: what is hashed into the plan are the very bytes that run.
 * @throws RunbookError MIGRATION.FOLDER_MISSING, FOLDER_EMPTY, LOCK_FILE_MISSING, PROVIDER_NOT_POSTGRESQL, SCRIPT_MISSING
 */
export function readMigrationsFolder(path: string): MigrationsFolder {
	const names = readNames(path);
	const lockFile = readLockFile(path);
	const migrations = names.map((name) => readMigration(path, name));
	if (migrations.length === 0) throw migrationErrors.FOLDER_EMPTY({ folder: path });
	return { path, lockFile, migrations };
}

function readNames(folder: string): string[] {
	if (!isAbsolute(folder))
		throw migrationErrors.FOLDER_MISSING({
			folder: folder === '' ? '(none)' : folder,
			problem: 'not an absolute path',
		});
	try {
		return readdirSync(folder, { withFileTypes: true })
			.filter((entry) => entry.isDirectory())
			.map((entry) => entry.name)
			.sort((a, b) => (a < b ? -1 : 1));
	} catch (error) {
		throw migrationErrors.FOLDER_MISSING({ folder, problem: errno(error) });
	}
}

function readLockFile(folder: string): string {
	let text: string;
	try {
		text = readFileSync(join(folder, 'migration_lock.toml'), 'utf8');
	} catch {
		throw migrationErrors.LOCK_FILE_MISSING({ folder });
	}
	const provider = /^\s*provider\s*=\s*"([^"]*)"/m.exec(text)?.[1] ?? '(none)';
	if (provider !== 'postgresql') throw migrationErrors.PROVIDER_NOT_POSTGRESQL({ folder, provider });
	return text;
}

function readMigration(folder: string, name: string): MigrationFile {
	let script: string;
	try {
		script = readFileSync(join(folder, name, 'migration.sql'), 'utf8');
	} catch {
		throw migrationErrors.SCRIPT_MISSING({ folder, migration: name });
	}
	const down = readDown(join(folder, name, 'down.sql'));
	const checksum = createHash('sha256').update(script).digest('hex');
	return { name, script, checksum, ...(down === undefined ? {} : { down }) };
}

/** Undefined when there is none. */
function readDown(file: string): string | undefined {
	try {
		return readFileSync(file, 'utf8');
	} catch (error) {
		if (fieldOf(error, 'code') === 'ENOENT') return undefined;
		throw error;
	}
}

function errno(error: unknown): string {
	const code = fieldOf(error, 'code');
	return code === 'ENOENT' ? 'there is no such folder' : typeof code === 'string' ? code : 'unknown error';
}
