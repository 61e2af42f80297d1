import { createBackup } from '../../lib/backup/createBackup';
import type { BackupLocation } from '../../lib/backup/model';
import { readVerifiedRecord } from '../../lib/backup/verifiedRecord';
import type { PostgresConnection } from '../../lib/support/postgres.client';
import { listKeys, newRun, openStore, readObject, verifyOnSource } from '../lib/backup/harness';

/** A verified backup in the place where the next ones are to fail. */
export interface EarlierBackup {
	readonly location: BackupLocation;
	/** Fails unless every object of it is there byte for byte, and it still counts as verified. */
	expectUntouched(): Promise<void>;
	/** Keys at the location that are not of it. */
	listOthers(): Promise<string[]>;
	removeOthers(): Promise<void>;
	close(): void;
}

/** Makes it of what the source holds now. */
export async function makeEarlierBackup(source: PostgresConnection): Promise<EarlierBackup> {
	const store = await openStore();
	const run = newRun();
	const { location } = run;
	const { backupId } = await createBackup(source, store, run);
	const { token } = await verifyOnSource(store, { ...run, backupId });
	expect(token).not.toBeNull();
	const keys = await listKeys(run);
	const readAll = async (): Promise<string[]> =>
		await Promise.all(
			keys.map(async (key) => (await readObject(store, { bucket: location.bucket, key })).toString('base64')),
		);
	const contents = await readAll();
	const listOthers = async (): Promise<string[]> => (await listKeys(run)).filter((key) => !keys.includes(key));
	return {
		location,
		expectUntouched: async () => {
			expect(await readAll()).toEqual(contents);
			const record = { location, backupId, signal: AbortSignal.timeout(60_000) };
			expect(await readVerifiedRecord(store, record)).toEqual(token);
		},
		listOthers,
		removeOthers: async () => {
			for (const key of await listOthers()) await store.remove({ bucket: location.bucket, key });
		},
		close: () => store.close(),
	};
}
