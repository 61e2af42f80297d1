import { worstVerdict, type Verdict } from '../../support/verdict';
import type { AccessCheck, Capability, ScratchRights, SourceRights } from './model';

/** More names than that are counted, not listed. */
const LISTED = 10;
const SUPERUSER_NOTE = 'a superuser, which is more than backups need';

/** What the role of the source may do. Pure. */
export function assessSource(rights: SourceRights): Capability[] {
	const { role, isSuperuser, readsAllData, unreadableTables, unreadableSequences, policedTables } = rights;
	const quoted = `"${role.replaceAll('"', '""')}"`;
	const readAll = `GRANT pg_read_all_data TO ${quoted} (PostgreSQL 14 and newer), or SELECT on each and USAGE on its schema`;
	const entry = (what: string, missing: string, remedy: string): Capability => ({
		where: 'source',
		what,
		held: missing === '',
		detail: missing,
		remedy: missing === '' ? '' : remedy,
	});
	const how = isSuperuser ? `, as ${SUPERUSER_NOTE}` : readsAllData ? ', by pg_read_all_data' : '';
	return [
		entry(`read every table${how}`, listed(unreadableTables), readAll),
		entry('read every sequence', listed(unreadableSequences), readAll),
		entry(
			'see every row',
			policedTables.length === 0 ? '' : `a policy hides rows of ${listed(policedTables)}`,
			`ALTER ROLE ${quoted} BYPASSRLS, or make it the owner of those tables without FORCE ROW LEVEL SECURITY`,
		),
		entry(
			'read every large object',
			rights.unreadableLargeObjects === 0 ? '' : `${rights.unreadableLargeObjects} cannot be read`,
			`GRANT SELECT ON LARGE OBJECT … TO ${quoted}, or membership of the role that owns them: pg_read_all_data does not include them`,
		),
		entry(
			'tell which database it is',
			rights.readsIdentity ? '' : 'pg_control_system() or pg_control_checkpoint() may not be called',
			`GRANT EXECUTE ON FUNCTION pg_control_system(), pg_control_checkpoint() TO ${quoted}`,
		),
	];
}

/** What the scratch server gives a source of that version. Pure. */
export function assessScratch(
	{ mayCreateDatabases, serverMajor, isSourceServer, missingExtensions }: ScratchRights,
	sourceMajor: number,
): Capability[] {
	const entry = (what: string, missing: string, remedy: string): Capability => ({
		where: 'scratch',
		what,
		held: missing === '',
		detail: missing,
		remedy: missing === '' ? '' : remedy,
	});
	return [
		entry('create databases', mayCreateDatabases ? '' : 'the role may not', 'ALTER ROLE … CREATEDB'),
		entry(
			'restore this version',
			serverMajor >= sourceMajor ? '' : `it is PostgreSQL ${serverMajor}, the source ${sourceMajor}`,
			`Use PostgreSQL ${sourceMajor} or newer`,
		),
		entry(
			'restore the extensions',
			missingExtensions.length === 0 ? '' : `it lacks ${listed(missingExtensions)}`,
			'Install their packages on the scratch server',
		),
		entry(
			"be a server other than the source's",
			isSourceServer ? 'it is the same server' : '',
			'Use another server, or turn on "Allow the Source Server" of Verify knowingly',
		),
	];
}

/** Everything together. Pure. */
export function assessAccess(capabilities: readonly Capability[]): AccessCheck {
	const verdictOf = ({ held }: Capability): Verdict => (held === null ? 'inconclusive' : held ? 'passed' : 'failed');
	return { verdict: worstVerdict(capabilities.map(verdictOf)), capabilities };
}

function listed(names: readonly string[]): string {
	const more = names.length - LISTED;
	return `${names.slice(0, LISTED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
