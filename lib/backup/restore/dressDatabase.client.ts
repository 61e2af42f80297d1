import { escapeIdentifier, escapeLiteral, type Client } from 'pg';
import { setComment } from './databases.client';

/** What belongs to a database and is in no dump of it. */
export interface DatabaseDress {
	readonly encoding: string;
	readonly collate: string;
	readonly ctype: string;
	/** `c`, `i` (ICU) or `b`; null before PostgreSQL 15. */
	readonly provider: string | null;
	/** Of ICU; null otherwise. */
	readonly providerLocale: string | null;
	readonly tablespace: string;
	readonly owner: string;
	/** -1 for no limit. */
	readonly connectionLimit: number;
	/** `role` is null for everybody's. */
	readonly settings: ReadonlyArray<{ readonly role: string | null; readonly name: string; readonly value: string }>;
	/** Null while nobody ever granted or revoked. `grantee` null: PUBLIC. */
	readonly grants: ReadonlyArray<{
		readonly grantee: string | null;
		readonly privilege: string;
		readonly grantable: boolean;
	}> | null;
}

/** Settings that hold a list of names: each is quoted by itself (pg_dump’s variable_is_guc_list_quote). */
const LISTS = [
	'local_preload_libraries',
	'search_path',
	'session_preload_libraries',
	'shared_preload_libraries',
	'temp_tablespaces',
	'unix_socket_directories',
];
const PRIVILEGES: readonly string[] = ['CREATE', 'CONNECT', 'TEMPORARY'];

/** Undefined when there is no such database. */
export async function readDress(client: Client, name: string): Promise<DatabaseDress | undefined> {
	const { rows } = await client.query<DatabaseDress & { oid: string }>(
		`SELECT d.oid::text AS oid, pg_encoding_to_char(d.encoding) AS encoding, d.datcollate AS collate, d.datctype AS ctype,
			to_jsonb(d) ->> 'datlocprovider' AS provider, coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale') AS "providerLocale",
			t.spcname AS tablespace, pg_get_userbyid(d.datdba) AS owner, d.datconnlimit AS "connectionLimit",
			(SELECT coalesce(json_agg(json_build_object('role', r.rolname, 'name', split_part(c, '=', 1), 'value', substr(c, strpos(c, '=') + 1))), '[]')
			 FROM pg_db_role_setting s LEFT JOIN pg_roles r ON r.oid = s.setrole, unnest(s.setconfig) AS c WHERE s.setdatabase = d.oid) AS settings,
			CASE WHEN d.datacl IS NOT NULL THEN
				(SELECT coalesce(json_agg(json_build_object('grantee', g.rolname, 'privilege', a.privilege_type, 'grantable', a.is_grantable)), '[]')
				 FROM aclexplode(d.datacl) AS a LEFT JOIN pg_roles g ON g.oid = a.grantee) END AS grants
		 FROM pg_database d JOIN pg_tablespace t ON t.oid = d.dattablespace WHERE d.datname = $1`,
		[name],
	);
	return rows[0];
}

/** Creates an empty database that stores and sorts text as `dress` says, and that only its owner and superusers may enter. */
export async function createLike(client: Client, name: string, dress: DatabaseDress): Promise<void> {
	const { encoding, collate, ctype, provider, providerLocale, tablespace } = dress;
	const icu =
		provider === 'i' && providerLocale !== null
			? ` LOCALE_PROVIDER icu ICU_LOCALE ${escapeLiteral(providerLocale)}`
			: '';
	await client.query(
		`CREATE DATABASE ${escapeIdentifier(name)} TEMPLATE template0 ENCODING ${escapeLiteral(encoding)}
		 LC_COLLATE ${escapeLiteral(collate)} LC_CTYPE ${escapeLiteral(ctype)}${icu} TABLESPACE ${escapeIdentifier(tablespace)}`,
	);
	await client.query(`REVOKE ALL ON DATABASE ${escapeIdentifier(name)} FROM PUBLIC`);
}

/** Gives a database the settings, the grants and the owner of another one, and its comment, all at once. */
export async function dressDatabase(
	client: Client,
	name: string,
	{ dress, comment }: { dress: DatabaseDress; comment: string },
): Promise<void> {
	await client.query('BEGIN');
	try {
		for (const statement of dressStatements(name, dress)) await client.query(statement);
		await setComment(client, name, comment);
		// Last: after it the database may be somebody else's.
		await client.query(`ALTER DATABASE ${escapeIdentifier(name)} OWNER TO ${escapeIdentifier(dress.owner)}`);
		await client.query('COMMIT');
	} catch (error) {
		await client.query('ROLLBACK').catch(() => undefined);
		throw error;
	}
}

/** The statements in their order; without the owner. */
export function dressStatements(
	name: string,
	{ settings, grants, connectionLimit }: Pick<DatabaseDress, 'settings' | 'grants' | 'connectionLimit'>,
): string[] {
	const database = escapeIdentifier(name);
	const set = settings.map(({ role, name: setting, value }) => {
		const whose = role === null ? `DATABASE ${database}` : `ROLE ${escapeIdentifier(role)} IN DATABASE ${database}`;
		return `ALTER ${whose} SET ${settingName(setting)} TO ${settingValue(setting, value)}`;
	});
	const granted = (
		grants ?? [
			{ grantee: null, privilege: 'CONNECT', grantable: false },
			{ grantee: null, privilege: 'TEMPORARY', grantable: false },
		]
	)
		.filter(({ privilege }) => PRIVILEGES.includes(privilege))
		.map(({ grantee, privilege, grantable }) => {
			const to = grantee === null ? 'PUBLIC' : escapeIdentifier(grantee);
			return `GRANT ${privilege} ON DATABASE ${database} TO ${to}${grantable ? ' WITH GRANT OPTION' : ''}`;
		});
	return [...set, `ALTER DATABASE ${database} CONNECTION LIMIT ${connectionLimit}`, ...granted];
}

/** `app.tenant` has two parts, each an identifier. */
function settingName(name: string): string {
	return name.split('.').map(escapeIdentifier).join('.');
}

function settingValue(name: string, value: string): string {
	if (!LISTS.includes(name.toLowerCase())) return escapeLiteral(value);
	const names = [...value.matchAll(/"((?:[^"]|"")*)"|[^,\s]+/g)].map(([plain, quoted]) => {
		return escapeLiteral(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
	});
	return names.length === 0 ? "''" : names.join(', ');
}
