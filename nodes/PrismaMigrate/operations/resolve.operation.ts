import type { SessionSettings } from '../../../lib/migration/model';
import type { Resolution } from '../../../lib/migration/resolve/model';
import { resolveMigration } from '../../../lib/migration/resolve/resolveMigration';
import { targetPostgres } from '../../shared/credentials';
import { fieldsOf } from '../../shared/describeOperations';
import type { Operation } from '../../shared/operation';
import { fenceOf, migrationFields, readMigrationParameters, type MigrationParameters } from '../migrationParameters';

interface Parameters extends MigrationParameters {
	readonly settings: SessionSettings;
	readonly migration: string;
	readonly resolution: Resolution;
	readonly comparedBy: string;
}

const LIMITS = { lockTimeoutMs: 4_000, statementTimeoutMs: 30_000 };

/** Writes into the history what became of a failed migration, once it is proven. It reads before it writes, and is safe to repeat. */
export const resolve: Operation<Parameters> = {
	name: 'resolve',
	kind: 'change',
	alwaysRuns: true,
	description: fieldsOf('resolve', [
		...migrationFields,
		{
			displayName: 'Migration',
			name: 'migration',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. 20261102083000_add_case_priority',
			description: 'The full name of the migration that failed, as the migration status names it',
		},
		{
			displayName: 'What Became of It',
			name: 'resolution',
			type: 'options',
			noDataExpression: true,
			default: 'rolledBack',
			options: [
				{ name: 'Applied', value: 'applied', description: 'All of it is there; it will not run again' },
				{ name: 'Rolled Back', value: 'rolledBack', description: 'Nothing of it is there; it will run again' },
			],
			description: 'It is refused where the database says otherwise',
		},
		{
			displayName: 'Compared By',
			name: 'comparedBy',
			type: 'string',
			default: '',
			placeholder: 'e.g. on-call engineer',
			description:
				'Who compared the statements of which the catalogs keep no trace, such as changed rows. Empty: then such a migration is refused, and the error names the lines.',
		},
	]),
	deadlineMs: () => 120_000,
	readParameters: (context, itemIndex) => {
		const common = readMigrationParameters(context, itemIndex);
		return {
			...common,
			settings: { schema: common.schema, ...LIMITS },
			migration: String(context.getNodeParameter('migration', itemIndex)).trim(),
			resolution: context.getNodeParameter('resolution', itemIndex) === 'applied' ? 'applied' : 'rolled-back',
			comparedBy: String(context.getNodeParameter('comparedBy', itemIndex, '')).trim(),
		};
	},
	plan: ({ migration, resolution, comparedBy }) => ({
		key: migration,
		inputs: { migration, resolution, comparedBy },
	}),
	run: async (context) => {
		const { parameters, open, signal } = context;
		const { folder, ...options } = parameters;
		const fence = fenceOf(context);
		const resolved = await resolveMigration(await open(targetPostgres), folder, { ...options, signal, fence });
		return { result: { ...resolved }, evidence: { proof: resolved.proof, findings: resolved.findings } };
	},
};
