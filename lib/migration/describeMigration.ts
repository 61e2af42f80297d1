import type { Migration, MigrationFile } from './model';
import { scriptTransaction, setsTransaction } from './scriptTransaction';
import { parseScript, type ParsedScript } from './sqlParser.client';

/** Each script is parsed once while its folder is in use. */
const parsed = new WeakMap<MigrationFile, Promise<ParsedScript>>();

/** The statements of a migration. */
export async function parseMigration(file: MigrationFile): Promise<ParsedScript> {
	const known = parsed.get(file) ?? parseScript(file.script);
	parsed.set(file, known);
	return await known;
}

/** A migration with what its statements say about how Postgres will run it. */
export async function describeMigration(file: MigrationFile): Promise<Migration> {
	const script = await parseMigration(file);
	const transaction = scriptTransaction(script);
	const described = { ...file, transaction, isAtomic: transaction === 'one' && !setsTransaction(script) };
	parsed.set(described, Promise.resolve(script));
	return described;
}
