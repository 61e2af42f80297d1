import type { PoolClient } from 'pg';
import { releaseErrors } from './errors';
import { HOLDS, type LedgerSession } from './ledgerSession.client';
import type { Release, ReleaseContext, SchemaFloor } from './model';

/** @throws RunbookError RELEASE.FENCED_OUT */
export async function raiseSchemaFloor(session: LedgerSession, release: ReleaseContext): Promise<SchemaFloor> {
	return await session.whileHeld<SchemaFloor>(
		release,
		`UPDATE deployment_runbook.environment raised
		 SET schema_floor = r.version, floor_release = r.id,
			floor_at = CASE WHEN raised.floor_release = r.id THEN raised.floor_at ELSE now() END
		 FROM deployment_runbook.release r WHERE r.id = $1 AND raised.name = r.environment AND raised.cell = r.cell AND ${HOLDS}
		 RETURNING raised.schema_floor AS version, raised.floor_release AS "releaseId", raised.floor_at AS since`,
	);
}

/**
 * Going back behind a release that began before the floor was raised would bring a version that cannot run on the schema.
 * @throws RunbookError RELEASE.BELOW_SCHEMA_FLOOR
 */
export async function refuseBelowFloor(client: PoolClient, { id: releaseId, environment }: Release): Promise<void> {
	const found = await client.query<SchemaFloor>(
		`SELECT e.schema_floor AS version, e.floor_release AS "releaseId", e.floor_at AS since
		 FROM deployment_runbook.release r JOIN deployment_runbook.environment e ON e.name = r.environment AND e.cell = r.cell
		 WHERE r.id = $1 AND r.started_at <= e.floor_at`,
		[releaseId],
	);
	const floor = found.rows[0];
	if (!floor) return;
	const { version, releaseId: floorId, since } = floor;
	throw releaseErrors.BELOW_SCHEMA_FLOOR({ releaseId, environment, version, floorId, since: since.toISOString() });
}
