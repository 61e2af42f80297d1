import type { PostgresConnection } from '../../support/postgres.client';
import type { SwapNames } from './model';

/** What a person does where the credential may not rename databases, e.g. on a managed service: the endpoint is changed instead. */
export function endpointProcedure({ live, restored }: SwapNames, { host, port }: PostgresConnection): string[] {
	return [
		`1. Stop every writer of ${live} (scale it to zero) and wait until its sessions are gone.`,
		`2. Point the application's database address, or the pooler's entry for ${live}, at the database ${restored} on ${host}:${port}.`,
		`3. Start the application, and check through every endpoint that a new session reports ${restored}: SELECT current_database().`,
		`4. Keep ${live} until the rows that it accepted since the snapshot are reconciled; revoke CONNECT on it meanwhile.`,
		`5. Where somebody may rename databases, the names can be put back later, in one transaction from another database: ALTER DATABASE "${quoted(live)}" RENAME TO …, then ALTER DATABASE "${quoted(restored)}" RENAME TO "${quoted(live)}".`,
	];
}

function quoted(name: string): string {
	return name.replaceAll('"', '""');
}
