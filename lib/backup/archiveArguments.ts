import type { PostgresConnection } from '../support/postgres.client';
import { qualified } from './content.client';
import { libpqConninfo } from './libpqConnection';
import type { TableName } from './model';
import type { PlannedArchive } from './planArchives';

/** The arguments of the pg_dump that writes one archive. It compresses nothing: that is done faster on the way to storage. */
export function archiveArguments(
	archive: PlannedArchive,
	source: PostgresConnection,
	{ snapshot, lockWaitTimeoutSeconds }: { snapshot: string; lockWaitTimeoutSeconds: number },
): string[] {
	return [
		'--format=custom',
		'--compress=0',
		'--no-password',
		`--lock-wait-timeout=${lockWaitTimeoutSeconds * 1000}`,
		`--snapshot=${snapshot}`,
		...selection(archive),
		`--dbname=${libpqConninfo(source)}`,
	];
}

function selection(archive: PlannedArchive): string[] {
	switch (archive.kind) {
		case 'schema':
			return ['--section=pre-data', '--section=post-data'];
		case 'tables':
			return ['--section=data', '--strict-names', ...archive.tables.map((table) => `--table=${pattern(table)}`)];
		case 'rest':
			return ['--section=data', ...archive.excluded.map((table) => `--exclude-table-data=${pattern(table)}`)];
	}
}

/** Within quotation marks no character of a pattern is special. */
function pattern({ schema, name }: TableName): string {
	return qualified(schema, name);
}
