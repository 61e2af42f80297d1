import type { BackupManifest, DatabaseContent, TableContent } from '../model';

export interface TableLoss {
	/** `public.cases`. */
	readonly table: string;
	readonly rowsNow: number;
	readonly rowsInBackup: number;
}

/** What restoring a backup takes away, as far as counts and hashes tell. */
export interface Loss {
	/** ISO 8601: the state that comes back. */
	readonly snapshotAt: string;
	/** From the snapshot until now, in seconds: everything accepted in this time is lost to the live database. */
	readonly windowSeconds: number;
	/** Empty when the live database could be counted. */
	readonly problem: string;
	/** Tables whose content differs from the backup, those with most rows to lose first; at most 20. */
	readonly tables: readonly TableLoss[];
	readonly tableCount: number;
	/** Rows that differing tables hold more than the backup. A table may have lost and won rows: then this is the least. */
	readonly rowsMore: number;
	/** Rows that differing tables hold less than the backup: these come back. */
	readonly rowsLess: number;
}

const LISTED_TABLES = 20;

/** `live`: undefined with its `problem` when it could not be counted. Pure. */
export function assessLoss(
	manifest: Pick<BackupManifest, 'snapshotAt' | 'tables'>,
	{ live, problem, now }: { live: Pick<DatabaseContent, 'tables'> | undefined; problem: string; now: Date },
): Loss {
	const windowSeconds = Math.max(0, Math.round((now.getTime() - Date.parse(manifest.snapshotAt)) / 1000));
	const base = { snapshotAt: manifest.snapshotAt, windowSeconds };
	if (!live) return { ...base, problem, tables: [], tableCount: 0, rowsMore: 0, rowsLess: 0 };
	const differing = compare(manifest.tables, live.tables);
	const more = ({ rowsNow, rowsInBackup }: TableLoss): number => rowsNow - rowsInBackup;
	return {
		...base,
		problem: '',
		tables: [...differing].sort((one, other) => more(other) - more(one)).slice(0, LISTED_TABLES),
		tableCount: differing.length,
		rowsMore: differing.reduce((sum, table) => sum + Math.max(0, more(table)), 0),
		rowsLess: differing.reduce((sum, table) => sum + Math.max(0, -more(table)), 0),
	};
}

/** One sentence for the card. */
export function describeLoss({ snapshotAt, windowSeconds, problem, tableCount, rowsMore, rowsLess }: Loss): string {
	const window = `Everything accepted since ${snapshotAt} (${duration(windowSeconds)}) is lost to the live database`;
	if (problem !== '') return `${window}; how many rows that are could not be counted: ${problem}`;
	if (tableCount === 0) return `${window}; at this moment no table differs from the backup`;
	return `${window}: ${tableCount} tables differ, with ${rowsMore} rows that the backup has not, and ${rowsLess} that come back`;
}

function compare(backup: readonly TableContent[], live: readonly TableContent[]): TableLoss[] {
	const keyOf = ({ schema, name }: TableContent): string => JSON.stringify([schema, name]);
	const before = new Map(backup.map((table) => [keyOf(table), table]));
	const now = new Map(live.map((table) => [keyOf(table), table]));
	return [...new Set([...before.keys(), ...now.keys()])].flatMap((key): TableLoss[] => {
		const [saved, current] = [before.get(key), now.get(key)];
		if (saved?.rows === current?.rows && saved?.hash === current?.hash) return [];
		const { schema, name } = saved ?? current ?? { schema: '', name: '' };
		return [{ table: `${schema}.${name}`, rowsNow: current?.rows ?? 0, rowsInBackup: saved?.rows ?? 0 }];
	});
}

function duration(seconds: number): string {
	const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)];
	if (hours > 0) return `${hours} h ${minutes} min`;
	return minutes > 0 ? `${minutes} min` : `${seconds} s`;
}
