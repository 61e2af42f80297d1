import type { RestoreOptions } from '../../lib/backup/restore/openRestore';
import { fenceDatabase, refuseNewerHolder } from '../../lib/migration/fenceDatabase';
import type { MigrationFence } from '../../lib/migration/model';
import type { Json } from '../../lib/release/model';
import type { PostgresConnection } from '../../lib/support/postgres.client';
import { RunbookError } from '../../lib/support/runbookError';
import type { OperationContext } from '../shared/operation';
import type { RestoreParameters } from './restoreFields';

/** What every operation on a restore hands to its domain function. One release restores a backup once, so its id tells restores apart. */
export function restoreOptions({
	parameters,
	release,
	signal,
	clock,
	log,
}: OperationContext<RestoreParameters>): RestoreOptions {
	const { location, backupId, maintenanceDatabase, endpoints, waivers, reason, diskBytes, jobs } = parameters;
	const label = release?.id ?? '';
	return {
		location,
		backupId,
		label,
		maintenanceDatabase,
		endpoints,
		waivers,
		reason,
		diskBytes,
		jobs,
		signal,
		clock,
		log,
	};
}

/** How a database is made ready to serve, and who may no longer change one: by the fence that migrations go by. */
export function fencing({ parameters, release, log }: OperationContext<RestoreParameters>): {
	prepare(database: PostgresConnection): Promise<void>;
	refuseIfFencedOut(live: PostgresConnection): Promise<void>;
} {
	const fence: MigrationFence | undefined = release && {
		environment: parameters.environment,
		release: release.id,
		token: release.token,
	};
	return {
		prepare: async (database) => {
			if (fence) await fenceDatabase(database, fence);
		},
		refuseIfFencedOut: async (live) => {
			if (!fence) return;
			try {
				await refuseNewerHolder(live, fence);
			} catch (error) {
				if (error instanceof RunbookError) throw error;
				// A database that nobody can read any more is one that is restored; the ledger has checked the token before.
				log(
					`the fence of ${live.database} could not be read: ${error instanceof Error ? error.message : String(error)}`,
				);
			}
		},
	};
}

/** A result as plain JSON. */
export function toJson(value: object): Readonly<Record<string, Json>> {
	return JSON.parse(JSON.stringify(value)) as Readonly<Record<string, Json>>;
}
