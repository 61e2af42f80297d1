import { join } from 'node:path';
import { seed } from './app/seed.ts';
import { createDatabases, databaseUrl } from './createDatabases.ts';
import type { DatabaseEndpoint } from './createDatabases.ts';
import { nameIn } from './environments.ts';
import { startPostgres } from './postgres.ts';

/** Takes over a part that is starting: registers its end and says that it runs. */
export type Started = <T extends { stop(): Promise<void> }>(name: string, part: Promise<T>) => Promise<T>;

export interface ProductionDatabaseOptions {
	readonly directory: string;
	readonly started: Started;
	readonly testUser: { readonly email: string; readonly password: string };
	readonly reader: { readonly email: string; readonly password: string };
	readonly environments: readonly string[];
}

/** Starts production's database server, with each environment's database of the application as version 2026.11.1 left it. */
export async function startProductionDatabases(
	options: ProductionDatabaseOptions,
): Promise<{ superuser: DatabaseEndpoint; applications: ReadonlyMap<string, DatabaseEndpoint> }> {
	const directory = join(options.directory, 'postgres-production');
	const server = await options.started('PostgreSQL of production', startPostgres({ directory }));
	const applications = new Map<string, DatabaseEndpoint>();
	for (const environment of options.environments) {
		const name = nameIn(environment, 'case_management').replaceAll('-', '_');
		const [database] = await createDatabases(server, [{ database: name, user: name, monitors: true }]);
		if (!database) throw new Error(`the database of ${environment} was not created`);
		applications.set(environment, database);
	}
	const { testUser, reader } = options;
	await Promise.all(
		[...applications.values()].map((one) => seed({ databaseUrl: databaseUrl(one), testUser, reader })),
	);
	const { host, port, user, password } = server;
	return { superuser: { host, port, database: 'postgres', user, password }, applications };
}

/** Starts a second server, apart from production's: for the ledger, for n8n, for proving backups, and for staging. */
export async function startOperationsDatabases({
	directory,
	started,
	stagingUser,
}: Pick<ProductionDatabaseOptions, 'directory' | 'started'> & {
	readonly stagingUser: ProductionDatabaseOptions['testUser'];
}): Promise<Record<'scratch' | 'operations' | 'n8n' | 'staging', DatabaseEndpoint>> {
	const starting = startPostgres({ directory: join(directory, 'postgres-operations') });
	const server = await started('PostgreSQL of operations', starting);
	const [scratch, operations, n8n, staging] = await createDatabases(server, [
		{ database: 'scratch', user: 'scratch', mayCreateDatabases: true },
		{ database: 'operations', user: 'runbook' },
		{ database: 'n8n', user: 'n8n' },
		{ database: 'case_management_staging', user: 'staging' },
	]);
	if (!scratch || !operations || !n8n || !staging) throw new Error('the operations databases were not created');
	// Whoever builds a release migrates staging before asking for the release.
	const migrated = { testUser: stagingUser, cases: 100, largeObjects: 0, migrations: Infinity };
	await seed({ databaseUrl: databaseUrl(staging), ...migrated });
	return { scratch, operations, n8n, staging };
}
