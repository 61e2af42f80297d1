import type { Client } from 'pg';
import { notOfAnExtension, TABLES } from '../content.client';
import type { SourceRights } from './model';

/** pg_has_role says yes to a superuser. Large objects are not part of pg_read_all_data. */
const UNREADABLE_LARGE_OBJECTS = `SELECT count(*)::int FROM pg_largeobject_metadata m
	WHERE NOT pg_has_role(m.lomowner, 'USAGE') AND NOT EXISTS (
	  SELECT FROM aclexplode(m.lomacl) a WHERE a.privilege_type = 'SELECT' AND (a.grantee = 0 OR pg_has_role(a.grantee, 'USAGE')))`;
const NAME = "n.nspname || '.' || c.relname";
/** Without USAGE on its schema a table cannot be named. */
const UNREADABLE = (privilege: string): string => `NOT (has_schema_privilege(n.oid, 'USAGE') AND ${privilege})`;

/** What the session's role may read, by the catalogue alone: nothing is read and nothing is locked. @throws the driver's error */
export async function readSourceRights(client: Client): Promise<SourceRights> {
	const { rows } = await client.query<SourceRights>(
		`SELECT current_user AS role, current_database() AS database,
		   current_setting('server_version_num')::int / 10000 AS "serverMajor", r.rolsuper AS "isSuperuser",
		   EXISTS (SELECT FROM pg_roles g WHERE g.rolname = 'pg_read_all_data' AND pg_has_role(g.oid, 'USAGE')) AS "readsAllData",
		   has_function_privilege('pg_control_system()', 'EXECUTE')
		     AND has_function_privilege('pg_control_checkpoint()', 'EXECUTE') AS "readsIdentity",
		   ARRAY(SELECT ${NAME} ${TABLES} AND ${UNREADABLE("has_table_privilege(c.oid, 'SELECT')")} ORDER BY 1) AS "unreadableTables",
		   ARRAY(SELECT ${NAME} ${TABLES} AND row_security_active(c.oid) ORDER BY 1) AS "policedTables",
		   ARRAY(SELECT ${NAME} FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		     WHERE c.relkind = 'S' AND c.relpersistence <> 't' AND ${notOfAnExtension('c.oid')}
		       AND ${UNREADABLE("has_sequence_privilege(c.oid, 'SELECT')")} ORDER BY 1) AS "unreadableSequences",
		   (${UNREADABLE_LARGE_OBJECTS}) AS "unreadableLargeObjects"
		 FROM pg_roles r WHERE r.rolname = current_user`,
	);
	const row = rows[0];
	if (!row) throw new Error('the server does not list the role of the session');
	return row;
}
