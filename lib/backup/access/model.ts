import type { Verdict } from '../../support/verdict';

/** Something that backups need, and whether the credentials give it. */
export interface Capability {
	readonly where: 'source' | 'scratch' | 'bucket' | 'tools';
	/** In words, e.g. `read every table`. */
	readonly what: string;
	/** Null: it could not be told. */
	readonly held: boolean | null;
	/** What is missing or what stood in the way; empty where it is held. */
	readonly detail: string;
	/** What gives it; empty where it is held. */
	readonly remedy: string;
}

export interface AccessCheck {
	/** Passed when everything is held, failed when something is not, inconclusive when nobody knows. */
	readonly verdict: Verdict;
	readonly capabilities: readonly Capability[];
}

/** What a role may see of the database that is backed up. */
export interface SourceRights {
	readonly role: string;
	readonly database: string;
	readonly serverMajor: number;
	readonly isSuperuser: boolean;
	/** Is a member of pg_read_all_data. */
	readonly readsAllData: boolean;
	/** May ask who the database is: pg_control_system() and pg_control_checkpoint(). */
	readonly readsIdentity: boolean;
	/** `schema.table`, those that the role may not read. */
	readonly unreadableTables: readonly string[];
	readonly unreadableSequences: readonly string[];
	/** Tables of which a policy hides rows from the role. */
	readonly policedTables: readonly string[];
	readonly unreadableLargeObjects: number;
}

/** What the scratch server gives. */
export interface ScratchRights {
	readonly mayCreateDatabases: boolean;
	readonly serverMajor: number;
	/** The server that the source is on. */
	readonly isSourceServer: boolean;
	/** Extensions of the source that could not be installed there. */
	readonly missingExtensions: readonly string[];
}
