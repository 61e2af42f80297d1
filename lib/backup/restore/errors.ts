import { defineErrors } from '../../support/runbookError';

export const restoreErrors = defineErrors('RESTORE', {
	NAME_NOT_TYPED: {
		message: 'The database name that was typed is not {database}',
		why: 'Restoring replaces a database; its name is typed by a person so that nothing else is replaced by mistake',
		fix: 'Type the name of the database that the Postgres credential leads to',
	},
	BACKUP_UNUSABLE: {
		message: 'The backup {backupId} cannot be restored: {problem}',
		why: 'The live database was not touched',
		fix: 'Choose another backup; List shows which ones are verified',
	},
	BACKUP_UNREADABLE: {
		message: 'The backup {backupId} could not be restored now: {problem}',
		why: 'The live database was not touched; an unfinished copy is removed by the next run',
		fix: 'Mend what is named, then run the restore again',
		retryable: true,
	},
	DISK_SHORT: {
		message:
			'Restoring {backupId} beside {database} needs about {neededMB} MB, and at most {freeMB} MB of its disk are free',
		why: 'A disk that fills up stops the live database; nothing was restored, and it serves as before',
		fix: 'Drop what is not needed there or enlarge the disk and correct "Disk of the Server", or restore on another server',
	},
	DISK_FULL: {
		message: 'The disk of {host}:{port} filled up while {backupId} was restored: {problem}',
		why: 'The live database was not touched, and the unfinished copy was dropped',
		fix: 'Make room there for a second copy of the database, then run the restore again',
		retryable: true,
	},
	COPY_REMAINS: {
		message: 'The restore failed ({problem}), and its unfinished copy {copy} could not be dropped: {reason}',
		why: 'The live database was not touched, but the copy takes room on its disk',
		fix: 'Make a little room there, then run the restore again, which begins by dropping it; or drop {copy} by hand',
		retryable: true,
	},
	CONTENT_DIFFERS: {
		message: 'What was restored from {backupId} differs from its manifest in {count} places: {names}',
		why: 'The backup is damaged, or something wrote into the restored database; the live database was not touched',
		fix: 'Choose another backup',
	},
	DATABASE_UNREACHABLE: {
		message: 'The server {host}:{port} cannot be asked for {database}: {problem}',
		why: 'The restore works from the maintenance database of the live database’s own server',
		fix: 'Check the Postgres credential and the maintenance database, then run it again: it goes on where it stopped',
		retryable: true,
	},
	NOT_PERMITTED: {
		message: 'The role {user} may not {action} ({sqlstate})',
		why: 'A swap renames two databases and ends the sessions in them; the live database serves as before',
		fix: 'Use a credential of a superuser, or of the owner with CREATEDB and pg_signal_backend; or turn "Swap" off and follow the procedure that is printed',
	},
	BUSY: {
		message: 'Another restore of {database} is running',
		why: 'Two of them would rename each other’s databases',
		fix: 'Wait until it has ended; one that was killed frees its lock when its session ends',
		retryable: true,
	},
	UNSURE: {
		message: 'The databases beside {database} are in a state that no restore leaves behind: {problem}',
		why: 'Going on could replace the wrong database, so nothing was changed',
		fix: 'Look at the databases and their comments (\\l+ in psql), rename or drop what does not belong, then run it again',
	},
	NOT_APPROVED: {
		message:
			'The approval of this release is for restoring {approved}, not for {backupId} (waivers beyond it: {waivers})',
		why: 'The two people were asked about one backup and what it would lose; another one is another question',
		fix: 'Send the form with the backup and the waivers that were approved, or roll back under another release',
	},
	SWAP_BLOCKED: {
		message: '{database} may not be swapped: {problem}',
		why: 'Each of these would break, or keep using the old database, unnoticed. The live database serves as before',
		fix: '{remedy}',
	},
	SWAP_FAILED: {
		message: '{database} could not be swapped: {problem} (SQLSTATE {sqlstate})',
		why: 'Both renames were undone together, and the old database serves',
		fix: 'Mend what is named, then run the restore again: the restored database is kept and not made anew',
		retryable: true,
	},
	SESSIONS_REMAIN: {
		message: 'Sessions in {database} did not end within {seconds} s, or a transaction is prepared in it',
		why: 'A database in use cannot be renamed; both renames were undone together and the old database serves',
		fix: 'Stop these clients, then run the restore again: the restored database is kept and not made anew',
		retryable: true,
	},
	ENDPOINT_STALE: {
		message: '{database} was swapped, yet not every endpoint leads to it: {problem}',
		why: 'Clients behind such an endpoint still use the old database, or none',
		fix: 'Reload that pooler or standby (e.g. RECONNECT in PgBouncer), then run the restore again: it only checks and finishes',
		retryable: true,
	},
	NOTHING_TO_SWAP_BACK: {
		message: 'There is no replaced database {broken} to swap back',
		why: 'Swapping back needs the database that the restore replaced, as it was kept',
		fix: 'Check the backup and the restore’s label; after the broken database was dropped only another restore helps',
	},
});
