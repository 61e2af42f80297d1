import { defineErrors } from '../support/runbookError';

const UNTOUCHED = 'Nothing was touched';

export const migrationErrors = defineErrors('MIGRATION', {
	FOLDER_MISSING: {
		message: 'The migrations folder {folder} cannot be read: {problem}',
		why: `The scripts are read from the host that runs n8n. ${UNTOUCHED}`,
		fix: 'Put the release\'s prisma/migrations folder on the n8n host and give its absolute path in "Migrations Folder"',
	},
	FOLDER_EMPTY: {
		message: 'The migrations folder {folder} holds no migration',
		why: `An empty folder is more likely a wrong path than a release without a schema. ${UNTOUCHED}`,
		fix: 'Give the folder that holds migration_lock.toml and one folder for each migration',
	},
	LOCK_FILE_MISSING: {
		message: 'There is no migration_lock.toml in {folder}',
		why: `Without it the folder is not one of Prisma Migrate, or was copied in part. ${UNTOUCHED}`,
		fix: 'Copy the whole prisma/migrations folder, migration_lock.toml included',
	},
	PROVIDER_NOT_POSTGRESQL: {
		message: 'The migrations in {folder} are for "{provider}", not for postgresql',
		why: `Scripts for another database must not run here. ${UNTOUCHED}`,
		fix: 'Give the folder of the PostgreSQL migrations; migration_lock.toml must say provider = "postgresql"',
	},
	SCRIPT_MISSING: {
		message: 'The migration {migration} has no migration.sql in {folder}',
		why: `The folder was copied in part, or holds a folder that is no migration. ${UNTOUCHED}`,
		fix: 'Copy the migration again, or remove the stray folder {migration}',
	},
	ARCHIVE_UNREADABLE: {
		message: 'The archive of migrations {archive} cannot be read: {problem}',
		why: `The scripts come from it. ${UNTOUCHED}`,
		fix: 'Put a tar, tar.gz or zip of the whole prisma/migrations folder there, migration_lock.toml included, and check bucket and key, or the name of the binary field',
	},
	ARCHIVE_UNSAFE: {
		message: 'The archive of migrations {archive} is refused because of {entry}: {problem}',
		why: `An archive of migrations holds small files and folders only; this one could write or fill what is not its own. ${UNTOUCHED}`,
		fix: 'Find out who made it, then make it anew from the repository with plain files',
	},
	ARCHIVE_CHECKSUM: {
		message:
			'The archive of migrations {archive} is not the one that was announced: its SHA-256 is {actual}, not {expected}',
		why: `Somebody replaced it, or it was cut off on its way. ${UNTOUCHED}`,
		fix: 'Upload it again, or give the checksum of the one that is meant',
	},
	DATABASE_UNREACHABLE: {
		message: 'The database {database} at {host}:{port} did not answer: {problem}',
		why: 'The migrations could not be looked at',
		fix: 'Check the Postgres credential, the network and that the server runs, then try again',
		retryable: true,
	},
	ACCESS_REFUSED: {
		message: 'The database {database} at {host}:{port} refused {user}: {problem}',
		why: `Nobody was logged in. ${UNTOUCHED}`,
		fix: 'Correct user, password or database name in the Postgres credential',
	},
	POOLER: {
		message: 'The address {host}:{port} is a connection pooler, not Postgres itself: {problem}',
		why: `Behind a pooler the migration lock belongs to nobody and settings get lost. ${UNTOUCHED}`,
		fix: 'Use a Postgres credential with the direct address of the server (Prisma calls it the direct URL)',
	},
	SCHEMA_MISSING: {
		message: 'The database {database} has no schema "{schema}"',
		why: `The migrations would have no place to go. ${UNTOUCHED}`,
		fix: 'Correct the field "Schema", or create the schema',
	},
	PRISMA_NOT_UNDERSTOOD: {
		message: 'The database {database} is kept by a Prisma that this engine does not understand: it holds {marker}',
		why: `Prisma 8 writes contracts in place of a history of migrations; deploying over them would follow neither. ${UNTOUCHED}`,
		fix: 'Deploy with the Prisma that the database is kept by; this node is for Prisma up to 7 (_prisma_migrations)',
	},
	NOT_PERMITTED: {
		message: 'The role {user} may not do what the migrations need: {problem}',
		why: '{aftermath}',
		fix: '{nextStep}',
	},
	BUSY: {
		message: 'Somebody else is migrating {database}: process {pid}, since {since}',
		why: `Two migrations at once can destroy each other, and waiting in line can too. ${UNTOUCHED}`,
		fix: 'Wait until process {pid} ({application}) has ended, look at the migration status, then deploy again',
		retryable: true,
	},
	HISTORY_FAILED: {
		message: 'A migration failed before and was not resolved: {migrations}',
		why: `It may have left a part of its changes behind; deploying on top of it is refused. ${UNTOUCHED}`,
		fix: 'Compare the database with the script. Nothing of it is there: npx prisma migrate resolve --rolled-back "{first}". All of it is there: npx prisma migrate resolve --applied "{first}". Then deploy again',
	},
	HISTORY_EDITED: {
		message: 'Migrations were changed on disk after they were applied: {migrations}',
		why: `The database no longer stands for what the folder says, and the engine itself would pass over it silently. ${UNTOUCHED}`,
		fix: 'Bring back the original migration.sql from version control; put the change into a new migration',
	},
	HISTORY_MISSING: {
		message: 'Migrations were applied that are not in the folder: {migrations}',
		why: `The database is ahead of this release: the folder is old, or another branch was deployed. ${UNTOUCHED}`,
		fix: 'Deploy a release that contains them; do not delete their rows',
	},
	HISTORY_NOT_BASELINED: {
		message: 'The database {database} holds tables but no history of migrations',
		why: `The first migration would collide with what is there. ${UNTOUCHED}`,
		fix: 'Check that this is the right database. If so, baseline it once: npx prisma migrate resolve --applied for each migration that it already contains',
	},
	HISTORY_UNREADABLE: {
		message: 'The history of {database} cannot be read: {problem}',
		why: 'Without it nobody can tell what a deployment would do',
		fix: 'Give the role {user} the right to read and write "_prisma_migrations" in schema "{schema}", or correct the field "Schema"',
	},
	SCRIPT_IMPOSSIBLE: {
		message:
			'The migration {migrations} holds a statement that Postgres only runs alone (such as CREATE INDEX CONCURRENTLY) beside others',
		why: `Postgres would refuse it inside the script's transaction. ${UNTOUCHED}`,
		fix: 'Put that statement into a migration of its own, before it is released',
	},
	CONTRACT_IN_BETWEEN: {
		message: 'A migration that the previous version cannot live with stands in the way: {problem}',
		why: `Migrations run in order, and one that takes something away waits until the previous version is gone. ${UNTOUCHED}`,
		fix: 'Put what takes away into migrations of their own, after all others; rename and change types by adding the new and dropping the old later',
	},
	NOT_LINTED: {
		message: 'Migrations would be applied that the lint of this release did not clear: {migrations}',
		why: `What runs must be what was linted and approved. ${UNTOUCHED}`,
		fix: 'Begin a new release, which lints what is pending now',
	},
	NOT_REHEARSED: {
		message: 'Migrations would be applied that were not rehearsed with this very checksum: {migrations}',
		why: `What runs on production must have run on a copy of its data. ${UNTOUCHED}`,
		fix: 'Begin a new release, which rehearses what is pending now',
	},
	REHEARSAL_ON_PRODUCTION: {
		message: 'The scratch database of the rehearsal is the database {database} that it is to stand for',
		why: `A rehearsal applies the migrations. ${UNTOUCHED}`,
		fix: 'Give the Scratch Postgres credential of another server, and the scratch database that the verification of the backup kept',
	},
	RESOLVE_UNKNOWN: {
		message: 'There is no migration {migration} in {folder}',
		why: `What became of it is judged by its script. ${UNTOUCHED}`,
		fix: 'Give the full name of its folder, and the migrations folder of the release that it came with',
	},
	RESOLVE_NOT_NEEDED: {
		message: 'The migration {migration} is applied: it cannot be marked as rolled back',
		why: `Its row says that it ran to its end. ${UNTOUCHED}`,
		fix: 'Undo what it did by a new migration',
	},
	RESOLVE_CONTRADICTED: {
		message: 'The migration {migration} is not {resolution}: {against}',
		why: `The catalogs of the database say otherwise, and a wrong word in the history breaks every later deployment. ${UNTOUCHED}`,
		fix: 'Bring the database to where all of the script took effect, or nothing of it did, by hand; then resolve it again',
	},
	RESOLVE_NOT_PROVEN: {
		message:
			'Nobody can tell by looking whether the migration {migration} is {resolution}: statements in lines {lines}',
		why: `They leave nothing that can be looked for, such as changed rows. ${UNTOUCHED}`,
		fix: 'Compare these statements with the data, then give the name of whoever did so in "Compared By"',
	},
	LOCK_TIMEOUT: {
		message:
			'The migration {migration} did not get its lock within {lockTimeoutMs} ms, {attempts} times: {problem}',
		why: 'Somebody held the table, and waiting longer would have blocked every reader behind it. {aftermath}',
		fix: '{nextStep}',
		retryable: true,
	},
	STATEMENT_TIMEOUT: {
		message:
			'The migration {migration} was stopped after {statementTimeoutMs} ms or by an administrator: {problem}',
		why: '{aftermath}',
		fix: '{nextStep} If it needs longer, raise "Statement Timeout"',
	},
	OUT_OF_RESOURCES: {
		message: 'The server ran out of resources in migration {migration}: {problem}',
		why: '{aftermath}',
		fix: 'Free disk space or connections first. {nextStep}',
	},
	SCRIPT_FAILED: {
		message: 'The migration {migration} failed{place}: {problem} (SQLSTATE {sqlstate})',
		why: '{aftermath}',
		fix: '{nextStep}',
	},
	SESSION_LOST: {
		message: 'The session was lost during migration {migration}: {problem}',
		why: 'Nobody can tell whether its last statement was committed: its row says failed either way. {before}',
		fix: 'Look at the migration status and compare the database with the script. Nothing of it is there: npx prisma migrate resolve --rolled-back "{migration}". All of it is there: npx prisma migrate resolve --applied "{migration}"',
	},
	CANCELLED: {
		message: 'The deployment was cancelled or ran out of time {moment}; its database session was ended',
		why: '{aftermath}',
		fix: 'Look at the migration status before anything else: it names what was applied and what failed. {nextStep}',
	},
	ENGINE_FAILED: {
		message: 'The schema engine failed: {problem}',
		why: 'It reported an error that is not one of a script. {before}',
		fix: "Look at the migration status; report the message with the engine's version",
	},
	NOT_FINISHED: {
		message: 'After the deployment the history of {database} is not clean: {problem}',
		why: 'The engine said it was done, the database says otherwise',
		fix: 'Look at the migration status; stop the release until it is clean',
	},
	INVALID_INDEX: {
		message: 'The database {database} holds invalid indexes: {indexes}',
		why: 'A concurrent build failed or still runs: Postgres never uses such an index, and dumps leave it out. {aftermath}',
		fix: 'Wait for a running build, or DROP INDEX CONCURRENTLY for each and build it again in a new migration; then deploy again',
	},
	LOCK_LEFT: {
		message: 'The migration lock of {database} is still held by process {pid} after the session was closed',
		why: 'The migrations were applied ({applied}), but the next deployment would find the database busy',
		fix: 'Look at process {pid} in pg_stat_activity; end it with pg_terminate_backend({pid}) when it is idle',
	},
	FENCED_OUT: {
		message:
			'The database {database} carries token {stored} of release {holder}, and release {release} holds only token {token}',
		why: 'A newer release or a rollback has taken the environment over while this one slept. No script of it ran since',
		fix: 'Look up in the ledger which release holds the environment now; this one is over',
	},
	FENCE_UNAVAILABLE: {
		message: 'The fence in database {database} cannot be raised by {user}: {problem}',
		why: `Without it a release that slept could migrate after another one took over. ${UNTOUCHED}`,
		fix: 'GRANT CREATE ON DATABASE {database} TO {user} once: the first deployment then creates the schema deployment_runbook. If it is there already, {user} must be allowed to use it and to read and write its tables',
	},
	BACKUP_OF_ANOTHER_DATABASE: {
		message:
			'The verified backup is of {backup}, the migrations would change {target} (database {database} at {host})',
		why: `What is changed must be what was backed up. ${UNTOUCHED}`,
		fix: 'Use the same Postgres credential for the backup and the migration, then begin a new release',
	},
	BACKUP_PROOF_TOO_WEAK: {
		message: 'The backup is proven by class {proofClass}, the migration asks for {least}',
		why: `A stands for dumped, restored and compared, B for continuous backup with a drill, C for a clone, D for nothing. ${UNTOUCHED}`,
		fix: 'Prove the backup by a stronger class, or lower "Least Proof of the Backup" knowingly',
	},
	BACKUP_NOT_IN_STORAGE: {
		message: 'Object storage does not hold the verified backup: {problem}',
		why: `A backup that was pruned, changed or failed since restores nothing. ${UNTOUCHED}`,
		fix: 'Create and verify a backup again: begin a new release',
	},
	BACKUP_IDENTITY_UNREADABLE: {
		message: 'It cannot be told whether the verified backup is of this database: {problem}',
		why: `A migration needs a proven backup of the very same database. ${UNTOUCHED}`,
		fix: 'Verify a backup in this release, and let the role read pg_control_system()',
	},
});
