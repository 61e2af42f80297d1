import { lintMigrations } from '../../../lib/migration/lint/lintMigrations';
import type { LintLimits } from '../../../lib/migration/lint/model';
import { targetPostgres } from '../../shared/credentials';
import { fieldsOf } from '../../shared/describeOperations';
import type { Operation } from '../../shared/operation';
import {
	fenceOf,
	migrationFields,
	readMigrationParameters,
	readNumber,
	readUpTo,
	upToField,
	type MigrationParameters,
} from '../migrationParameters';

interface Parameters extends MigrationParameters, LintLimits {}

/** Looking waits for nobody long. */
const LIMITS = { lockTimeoutMs: 4_000, statementTimeoutMs: 30_000 };
const MEGABYTE = 1_000_000;

/** Passed: the version that serves now may go on. Failed: it could not, or would stand still. Inconclusive: it cannot be told. */
export const lint: Operation<Parameters> = {
	name: 'lint',
	kind: 'verdict',
	description: fieldsOf('lint', [
		...migrationFields,
		upToField,
		{
			displayName: 'Small Table (Megabytes)',
			name: 'smallTableMegabytes',
			type: 'number',
			default: 100,
			required: true,
			typeOptions: { minValue: 0, maxValue: 1_000_000 },
			description:
				'Up to this size a table may be read or rewritten while its writers wait; on a larger one that fails',
		},
	]),
	deadlineMs: () => 120_000,
	readParameters: (context, itemIndex) => {
		const megabytes = readNumber(context, itemIndex, { name: 'smallTableMegabytes', min: 0, max: 1_000_000 });
		const upTo = readUpTo(context, itemIndex);
		return { ...readMigrationParameters(context, itemIndex), upTo, smallTableBytes: megabytes * MEGABYTE };
	},
	plan: ({ folder, schema, smallTableBytes, upTo }) => ({
		key: '',
		inputs: {
			schema,
			smallTableBytes,
			upTo,
			migrations: folder.migrations.map(({ name, checksum }) => ({ name, checksum })),
		},
	}),
	run: async (context) => {
		const { parameters, open, signal } = context;
		const { folder, schema, smallTableBytes, upTo } = parameters;
		const { verdict, ...card } = await lintMigrations(await open(targetPostgres), folder, {
			settings: { schema, ...LIMITS },
			smallTableBytes,
			upTo,
			signal,
			fence: fenceOf(context),
		});
		const migrations = card.migrations.map((migration) => ({
			...migration,
			risks: migration.risks.map((risk) => ({ ...risk })),
		}));
		const problems = [...card.problems, ...card.history].map((problem) => ({ ...problem }));
		const database = card.database && { ...card.database };
		const reasons = problems.filter(({ severity }) => severity !== 'warning').map(({ text }) => text);
		const { previousVersionMayServe, heldBack } = card;
		const deploys = card.deploys.map((migration) => ({ ...migration }));
		return {
			verdict,
			result: { previousVersionMayServe, deploys, heldBack, migrations, problems, reasons, database },
			evidence: { database, phases: migrations.map(({ name, checksum, phase }) => ({ name, checksum, phase })) },
		};
	},
};
