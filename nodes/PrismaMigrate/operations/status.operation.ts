import { readMigrationStatus } from '../../../lib/migration/readMigrationStatus';
import { targetPostgres } from '../../shared/credentials';
import { fieldsOf } from '../../shared/describeOperations';
import type { Operation } from '../../shared/operation';
import { fenceOf, migrationFields, readMigrationParameters, type MigrationParameters } from '../migrationParameters';

/** Looking waits for nobody long. */
const LIMITS = { lockTimeoutMs: 4_000, statementTimeoutMs: 30_000 };

/** Passed: deploying is safe. Failed: the history is not clean. Inconclusive: it could not be read, or somebody is migrating. */
export const status: Operation<MigrationParameters> = {
	name: 'status',
	kind: 'verdict',
	description: fieldsOf('status', migrationFields),
	deadlineMs: () => 120_000,
	readParameters: readMigrationParameters,
	plan: ({ folder, schema }) => ({
		key: '',
		inputs: { schema, migrations: folder.migrations.map(({ name, checksum }) => ({ name, checksum })) },
	}),
	run: async (context) => {
		const { parameters, open, signal } = context;
		const { folder, schema } = parameters;
		const read = await readMigrationStatus(await open(targetPostgres), folder, {
			settings: { schema, ...LIMITS },
			signal,
			fence: fenceOf(context),
		});
		const { verdict, applied, database, ...lists } = read;
		const pending = lists.pending.map((migration) => ({ ...migration }));
		const problems = lists.problems.map((problem) => ({ ...problem }));
		const identity = database && { ...database };
		const newest = applied.at(-1) ?? null;
		const folderSize = folder.migrations.length;
		return {
			verdict,
			result: {
				...lists,
				pending,
				problems,
				applied: applied.length,
				newest,
				database: identity,
				migrationsFolder: folder.path,
				folderSize,
			},
			evidence: { pending, database: identity },
		};
	},
};
