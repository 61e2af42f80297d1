import type { Client } from 'pg';
import type { DatabaseFacts, RoleFacts } from './model';

/** What belongs to the session's database and is in no dump of it. Needs no more than the right to connect. */
export async function readDatabaseFacts(client: Client): Promise<DatabaseFacts> {
	const { rows } = await client.query<Omit<DatabaseFacts, 'roles'>>(
		`SELECT pg_get_userbyid(d.datdba) AS owner, d.datconnlimit AS "connectionLimit",
		   (SELECT json_agg(item::text ORDER BY position) FROM unnest(d.datacl) WITH ORDINALITY AS acl(item, position)) AS grants,
		   (SELECT coalesce(json_agg(json_build_object('role', r.rolname, 'settings', s.setconfig) ORDER BY r.rolname::text COLLATE "C" NULLS FIRST), '[]'::json)
		    FROM pg_db_role_setting s LEFT JOIN pg_roles r ON r.oid = s.setrole WHERE s.setdatabase = d.oid) AS settings,
		   (SELECT coalesce(json_agg(json_build_object('schema', n.nspname, 'name', c.relname, 'table', t.relname)
		      ORDER BY n.nspname::text COLLATE "C", c.relname::text COLLATE "C"), '[]'::json)
		    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
		    WHERE NOT i.indisvalid AND n.nspname NOT IN ('pg_catalog', 'pg_toast')) AS "invalidIndexes"
		 FROM pg_database d WHERE d.datname = current_database()`,
	);
	const row = rows[0];
	if (!row) throw new Error('the server does not list the database that the session is in');
	return { ...row, roles: await readRoles(client) };
}

/** The bootstrap superuser (OID 10) is pinned and not in pg_shdepend, so its objects are looked for. */
async function readRoles(client: Client): Promise<RoleFacts[]> {
	const { rows } = await client.query<RoleFacts>(
		`SELECT r.rolname AS name, r.rolcanlogin AS "canLogin", r.rolbypassrls OR r.rolsuper AS "bypassesRowSecurity",
		   (SELECT coalesce(json_agg(g.rolname ORDER BY g.rolname::text COLLATE "C"), '[]'::json)
		    FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid WHERE m.member = r.oid) AS "memberOf"
		 FROM pg_roles r
		 WHERE r.oid IN (
		   SELECT s.refobjid FROM pg_shdepend s JOIN pg_database d ON d.datname = current_database()
		   WHERE s.refclassid = 'pg_authid'::regclass AND (s.dbid = d.oid OR (s.classid = 'pg_database'::regclass AND s.objid = d.oid))
		   UNION SELECT datdba FROM pg_database WHERE datname = current_database()
		   UNION SELECT relowner FROM pg_class WHERE oid >= 16384
		   UNION SELECT nspowner FROM pg_namespace WHERE oid >= 16384
		   UNION SELECT proowner FROM pg_proc WHERE oid >= 16384)
		 ORDER BY r.rolname::text COLLATE "C"`,
	);
	return rows;
}
