import type { Clock } from '../support/clock';

/**
 * Glossary. A *backup* is a folder of *archives* in object storage plus a *manifest*, written last: without a manifest there is no
 * backup. The *source* is the database that was dumped. A backup is *verified* when those very archives were read back from storage,
 * restored into a fresh *scratch database* with every error fatal, and all counts and hashes matched; that yields a *token*.
 */
export interface SourceIdentity {
	/** Of the cluster; the same on a standby and on every physical copy. Decimal text: it exceeds 2^53. */
	readonly systemIdentifier: string;
	readonly databaseOid: number;
	readonly databaseName: string;
	readonly timeline: number;
}

export interface TableName {
	readonly schema: string;
	readonly name: string;
}

/**
 * How a row becomes a number. `record`: hash_record_extended over the columns, those of types whose equal values may print differently as
 * text (PostgreSQL 14 and newer). `text`: hashtextextended over the row's text. A restore is measured as its backup was.
 */
export type RowHash = 'record' | 'text';

export interface TableContent extends TableName {
	readonly rows: number;
	/** Sum of the 64-bit hashes of all rows, as decimal text; does not depend on the order of rows. */
	readonly hash: string;
}

/** Sequences are not part of any snapshot: a position between the two readings is right. Decimal text, they may exceed 2^53. */
export interface SequenceContent {
	readonly schema: string;
	readonly name: string;
	/** Last value handed out, read before the dump began; one increment before the start when none was. */
	readonly positionBefore: string;
	/** The same, read after the dump had ended. */
	readonly positionAfter: string;
}

export interface LargeObjectContent {
	readonly count: number;
	readonly hash: string;
}

export interface Extension {
	readonly name: string;
	readonly version: string;
}

/** What a database holds, as far as a restore must bring it back. */
export interface DatabaseContent {
	readonly tables: readonly TableContent[];
	readonly largeObjects: LargeObjectContent;
}

/** A role that objects of the database belong to or are granted to. Passwords cannot be read and are not kept. */
export interface RoleFacts {
	readonly name: string;
	readonly canLogin: boolean;
	readonly bypassesRowSecurity: boolean;
	readonly memberOf: readonly string[];
}

/** What belongs to a database and is in no dump of it, so that whoever restores it can put it back. */
export interface DatabaseFacts {
	readonly owner: string;
	/** Texts of PostgreSQL's aclitem (`reader=c/owner`). Null: PostgreSQL's default grants. */
	readonly grants: readonly string[] | null;
	/** -1: no limit. */
	readonly connectionLimit: number;
	/** `ALTER DATABASE … SET` (role null) and `ALTER ROLE … IN DATABASE … SET`; each setting is `name=value`. */
	readonly settings: ReadonlyArray<{ readonly role: string | null; readonly settings: readonly string[] }>;
	readonly roles: readonly RoleFacts[];
	/** A dump silently leaves them out. */
	readonly invalidIndexes: ReadonlyArray<TableName & { readonly table: string }>;
}

/** One object in storage: the output of one pg_dump in its custom format, compressed as a stream. */
export interface StoredArchive {
	/**
	 * `schema`: every definition, those before and those after the data. `tables`: rows of the tables listed. `rest`: the rows of all
	 * other tables, large objects and the positions of sequences.
	 */
	readonly kind: 'schema' | 'tables' | 'rest';
	readonly key: string;
	/** Of the stored, compressed bytes; the checksum is of the same. */
	readonly sizeBytes: number;
	readonly sha256: string;
	readonly compression: Compression;
	/** Empty unless the kind is `tables`. */
	readonly tables: readonly TableName[];
}

/** Every archive is a file in the age format, which the identity of any of these public keys opens. Manifests are never encrypted. */
export interface ArchiveEncryption {
	readonly method: 'age';
	readonly recipients: readonly string[];
}

export type Compression = 'zstd' | 'gzip';

/** How the scratch database must be created for the restored text to be the same. */
export interface DatabaseLocale {
	readonly encoding: string;
	readonly collate: string;
	readonly ctype: string;
}

export interface BackupManifest extends DatabaseContent {
	readonly format: 2;
	readonly id: string;
	readonly source: SourceIdentity;
	/** ISO 8601, by the source server's clock. */
	readonly snapshotAt: string;
	readonly serverVersion: string;
	readonly toolVersions: { readonly pgDump: string };
	readonly locale: DatabaseLocale;
	/** Bytes that the source had on its disk, indexes included. */
	readonly sourceBytes: number;
	/** From the connection to the source until the last archive was stored. */
	readonly tookMs: number;
	/** The schema first. */
	readonly archives: readonly StoredArchive[];
	/** Null: the archives are stored as they were compressed. */
	readonly encryption: ArchiveEncryption | null;
	readonly rowHash: RowHash;
	readonly sequences: readonly SequenceContent[];
	readonly extensions: readonly Extension[];
	readonly database: DatabaseFacts;
	/** Over everything above, and so over the checksum of every archive: whoever knows it knows the whole backup. */
	readonly sha256: string;
}

/** Where backups are kept. */
export interface BackupLocation {
	readonly bucket: string;
	/** Folder inside the bucket; empty for its top. */
	readonly prefix: string;
}

/** What one run of a backup operation gets from its caller. */
export interface BackupRun {
	readonly signal: AbortSignal;
	readonly clock: Clock;
	/** One line of progress, without secrets. */
	log(message: string): void;
	/** How many archives are dumped or restored at once, and in how many sessions tables are hashed meanwhile. */
	readonly jobs: number;
	/** What opens encrypted archives, e.g. `AGE-SECRET-KEY-1…`. Absent: none is at hand. */
	readonly identity?: string | undefined;
	/** Folders searched for pg_dump and pg_restore. Absent: PATH and the distribution's PostgreSQL folders. */
	readonly toolFolders?: readonly string[];
}

export interface ObjectAddress {
	readonly bucket: string;
	readonly key: string;
}

export interface StoredObject {
	readonly sizeBytes: number;
	readonly content: AsyncIterable<Uint8Array>;
}

/**
 * Object storage as backups need it. Its failures are RunbookErrors; `retryable` ones mean that it could not be reached, the others
 * that the bucket or the credential is wrong. A missing object is undefined, never an error.
 */
export interface ArchiveStore {
	/**
	 * Streams `content` in parts, each piece copied before the next is asked for. Nothing appears under the key unless `content` ends
	 * without throwing; its error is rethrown.
	 */
	putStream(
		address: ObjectAddress,
		content: AsyncIterable<Uint8Array>,
		options: { expectedBytes: number; signal: AbortSignal },
	): Promise<void>;
	putText(address: ObjectAddress, text: string, signal: AbortSignal): Promise<void>;
	readText(address: ObjectAddress, signal: AbortSignal): Promise<string | undefined>;
	/** The reader owns the pieces: it may free their buffers once it has used them. */
	openStream(address: ObjectAddress, signal: AbortSignal): Promise<StoredObject | undefined>;
	readSize(address: ObjectAddress, signal: AbortSignal): Promise<number | undefined>;
	remove(address: ObjectAddress): Promise<void>;
	/** Keys that begin with `prefix`, sorted. */
	listKeys(bucket: string, prefix: string, signal: AbortSignal): Promise<string[]>;
}
