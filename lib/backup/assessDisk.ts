/** What a server's disk holds already, in bytes. */
export interface DiskUse {
	/** Everything in the tablespace that the new database will be in. */
	readonly usedBytes: number;
	/** What the write-ahead log may grow to (`max_wal_size`), on the same disk unless somebody moved it. */
	readonly walBytes: number;
}

export interface DiskAssessment {
	readonly fits: boolean;
	readonly neededBytes: number;
	readonly freeBytes: number;
}

/** Building the indexes sorts the largest of them on disk, beside what is restored already: a tenth of the whole is kept for it. */
const SORTING_SHARE = 10;

/**
 * Whether a database that takes `sourceBytes` where it comes from fits on a disk of `diskBytes` beside what is there. A restored database takes
 * less than its source, which has dead rows, so this errs on the safe side.
 */
export function assessDisk(sourceBytes: number, diskBytes: number, { usedBytes, walBytes }: DiskUse): DiskAssessment {
	const neededBytes = sourceBytes + Math.ceil(sourceBytes / SORTING_SHARE) + walBytes;
	const freeBytes = Math.max(0, diskBytes - usedBytes);
	return { fits: neededBytes <= freeBytes, neededBytes, freeBytes };
}
