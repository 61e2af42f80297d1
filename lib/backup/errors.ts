import { defineErrors } from '../support/runbookError';

export const backupErrors = defineErrors('BACKUP', {
	SOURCE_UNREACHABLE: {
		message: 'The database {database} on {host} cannot be reached: {problem}',
		why: 'Nothing was dumped and nothing was stored',
		fix: 'Check the Postgres credential, and that the server accepts connections from here',
		retryable: true,
	},
	SOURCE_UNREADABLE: {
		message: 'The database {database} cannot be read completely: {problem} (SQLSTATE {sqlstate})',
		why: 'A backup that leaves something out is none; no backup was published',
		fix: 'Give the role of the Postgres credential SELECT on every table and sequence, and BYPASSRLS where row security is used',
	},
	LOCK_TIMEOUT: {
		message: 'A table of {database} stayed locked for more than {seconds} s',
		why: 'A migration or other DDL is running; queueing behind it would block every reader behind the dump',
		fix: 'Wait until the other session is done, then run the backup again',
		retryable: true,
	},
	MIGRATION_RUNS: {
		message: 'A migration of {database} is running',
		why: 'Between two steps of a migration the schema is one that no version runs on; nothing was dumped',
		fix: 'Wait until the migration has ended, then run the backup again',
		retryable: true,
	},
	STANDBY_UNFIT: {
		message: 'The standby {standby} cannot be backed up in the place of its primary: {problem}',
		why: 'A backup must be of the very database that the release changes, and of now; nothing was dumped',
		fix: 'Name a streaming standby of the Postgres credential’s server that keeps up, or leave the standby out',
	},
	STANDBY_CONFLICT: {
		message: 'The standby cancelled a reading of {database} to go on replaying (SQLSTATE 40001)',
		why: 'The primary removed rows that the snapshot still needs; no backup was published',
		fix: 'Turn hot_standby_feedback on there, or raise max_standby_streaming_delay above the time of a backup',
		retryable: true,
	},
	WONT_FIT: {
		message:
			'{database} has {sizeMB} MB: a backup would take about {estimateMinutes} min, and {budgetMinutes} min are there ({basis})',
		why: 'It would be stopped by its deadline; nothing was dumped',
		fix: 'Prove a continuous backup instead (Prove, class B), raise Jobs or the Time Budget, or back up ahead of the release',
	},
	TOOL_MISSING: {
		message: '{tool} was not found',
		why: 'Looked on PATH and in /usr/lib/postgresql/*/bin of the machine that n8n runs on',
		fix: 'Install the PostgreSQL client programs, version {major} or newer, e.g. apt-get install postgresql-client',
	},
	TOOL_TOO_OLD: {
		message: '{tool} {version} is older than the server, which needs version {major} or newer',
		why: 'pg_dump refuses a newer server, and pg_restore cannot read archives of a newer pg_dump',
		fix: 'Install the PostgreSQL {major} client programs on the machine that n8n runs on',
	},
	DUMP_FAILED: {
		message: 'pg_dump ended with {exit}: {problem}',
		why: 'The archive is incomplete; the upload was aborted and no backup was published',
		fix: 'Mend what pg_dump names, then run the backup again',
	},
	UPLOAD_INCOMPLETE: {
		message: 'Object storage holds {actualBytes} of {expectedBytes} bytes of {key}',
		why: 'The upload was answered with success, yet the object is not what was sent; no manifest was written',
		fix: 'Check the object storage, then run the backup again',
		retryable: true,
	},
	REPORT_UNAVAILABLE: {
		message: '{command} gave no report: {problem}',
		why: 'Without the report of the tool nobody knows whether its backups are good; nothing was judged',
		fix: 'Install and configure the tool on the machine that runs n8n, or let it write its report where the node can read it',
	},
	REPORT_MISSING: {
		message: 'There is no report {key} in bucket {bucket}',
		why: 'Without the report of the tool nobody knows whether its backups are good; nothing was judged',
		fix: 'Check bucket and key, and the job that stores the report',
	},
	INTERRUPTED: {
		message: 'The backup operation was stopped: {reason}',
		why: 'The execution was cancelled, or the deadline of the operation passed',
		fix: 'Raise the deadline of the node when the database needs longer, then run it again',
		retryable: true,
	},
	RECIPIENT_INVALID: {
		message: 'Entry {number} of the recipients is no public key of age',
		why: 'An archive that nobody can open is no backup; nothing was dumped',
		fix: 'Enter public keys as age-keygen prints them (age1…); the identity (AGE-SECRET-KEY-1…) belongs into the Backup Identity credential alone',
	},
	IDENTITY_MISSING: {
		message: 'The backup {backupId} is encrypted for {recipients}, and no identity was given',
		why: 'Without the identity of one of them nobody can read it; nothing was restored',
		fix: 'Turn "The Backup Is Encrypted" on and choose the Backup Identity credential that belongs to one of them',
	},
	IDENTITY_WRONG: {
		message:
			'The backup {backupId} is encrypted for {recipients}, and the identity that was given is that of {own}',
		why: 'Only the identity of one of its recipients opens it; nothing was restored',
		fix: 'Choose the Backup Identity credential that belongs to one of them',
	},
	SCRATCH_IS_SOURCE: {
		message: 'The scratch credential leads to {database}, the very database that was backed up',
		why: 'A restore drill never touches the source',
		fix: 'Point the Scratch Postgres credential at another server and its maintenance database',
	},
	SCRATCH_ON_SOURCE_SERVER: {
		message: 'The scratch server is the server of {database} itself',
		why: 'A restore drill there takes its disk, memory and I/O from production',
		fix: 'Use another server for scratch databases, or turn on "Allow the Source Server" knowingly',
	},
	SCRATCH_UNREACHABLE: {
		message: 'The scratch server on {host} cannot be asked for its databases: {problem}',
		why: 'Nothing was dropped; what a killed verification left behind stays until the next sweep',
		fix: 'Check the Scratch Postgres credential, and that the server accepts connections from here',
		retryable: true,
	},
	SCRATCH_REFUSED: {
		message: 'The scratch server refuses to create a database: {problem} (SQLSTATE {sqlstate})',
		why: 'Verifying restores into a fresh database of its own and drops it afterwards',
		fix: 'Give the role of the Scratch Postgres credential CREATEDB and check its password',
	},
});
