import type { INodeProperties } from 'n8n-workflow';
import type { DeployUpTo, MigrationFence, MigrationsFolder } from '../../lib/migration/model';
import { readMigrationsFolder } from '../../lib/migration/readMigrationsFolder';
import { parameterErrors } from '../../lib/support/errors';
import type { OperationContext, ParameterReader } from '../shared/operation';

/** What both operations ask: which scripts, and where they go. */
export const migrationFields: INodeProperties[] = [
	{
		displayName: 'Migrations Folder',
		name: 'migrationsFolder',
		type: 'string',
		default: '',
		required: true,
		placeholder: 'e.g. /srv/releases/current/prisma/migrations',
		description:
			'Absolute path, on the host that runs n8n, of the folder that holds migration_lock.toml and one folder for each migration. It is read before anything is touched.',
	},
	{
		displayName: 'Schema',
		name: 'schema',
		type: 'string',
		default: 'public',
		required: true,
		placeholder: 'e.g. public',
		description:
			'The database schema that is migrated and holds the table _prisma_migrations; what stands after "?schema=" in a Prisma URL',
	},
	{
		displayName: 'Environment',
		name: 'environment',
		type: 'string',
		default: "={{ $('Configuration').first().json.environment }}",
		required: true,
		placeholder: 'e.g. production',
		displayOptions: { show: { recordStep: [true] } },
		description:
			'What the fence in the database goes by: whoever migrates for an older holder of this environment is refused there',
	},
];

export interface MigrationParameters {
	readonly folder: MigrationsFolder;
	readonly schema: string;
	/** What the fence in the database goes by; empty when the node works without a release. */
	readonly environment: string;
}

/** How far a deployment goes; lint and deploy must be asked the same. */
export const upToField: INodeProperties = {
	displayName: 'Up To',
	name: 'upTo',
	type: 'options',
	default: 'lastExpand',
	options: [
		{
			name: 'Last Expanding Migration',
			value: 'lastExpand',
			description: 'What takes something from the previous version stays pending and is listed',
		},
		{
			name: 'All',
			value: 'all',
			description:
				'Contracting migrations run too. Only when no previous version is left that could need what they take.',
		},
	],
	description: 'Which of the pending migrations are applied',
};

export function readUpTo(context: ParameterReader, itemIndex: number): DeployUpTo {
	return context.getNodeParameter('upTo', itemIndex) === 'all' ? 'all' : 'lastExpand';
}

/** @throws RunbookError PARAMETER.INVALID, MIGRATION.FOLDER_MISSING and the others of readMigrationsFolder */
export function readMigrationParameters(context: ParameterReader, itemIndex: number): MigrationParameters {
	const schema = String(context.getNodeParameter('schema', itemIndex));
	// It becomes a startup option, where quotes, blanks and backslashes mean something else.
	if (!/^[\p{L}_][\p{L}\p{N}_$-]{0,62}$/u.test(schema)) {
		throw parameterErrors.INVALID({
			field: 'schema',
			problem: 'not the name of a schema',
			remedy: 'Give a name of letters, digits, "_", "-" and "$", such as public',
		});
	}
	return {
		schema,
		environment: readEnvironment(context, itemIndex),
		folder: readMigrationsFolder(String(context.getNodeParameter('migrationsFolder', itemIndex)).trim()),
	};
}

/** @throws RunbookError PARAMETER.INVALID */
function readEnvironment(context: ParameterReader, itemIndex: number): string {
	if (context.getNodeParameter('recordStep', itemIndex, false) !== true) return '';
	const environment: unknown = context.getNodeParameter('environment', itemIndex);
	if (typeof environment === 'string' && /^[a-z][a-z0-9-]{0,62}$/.test(environment)) return environment;
	throw parameterErrors.INVALID({
		field: 'environment',
		problem: 'not the name of an environment',
		remedy: 'Give the one that the release was begun for, in lower-case letters, digits and dashes, e.g. production',
	});
}

/** Undefined when the node works without a release: then nothing is fenced. */
export function fenceOf({
	release,
	parameters,
}: Pick<OperationContext<MigrationParameters>, 'release' | 'parameters'>): MigrationFence | undefined {
	return release && { environment: parameters.environment, release: release.id, token: release.token };
}

/** A number field as milliseconds. @throws RunbookError PARAMETER.INVALID */
export function readSeconds(
	context: ParameterReader,
	itemIndex: number,
	{ name, min, max }: { name: string; min: number; max: number },
): number {
	return Math.round(readNumber(context, itemIndex, { name, min, max }) * 1000);
}

/** A number field inside its bounds. @throws RunbookError PARAMETER.INVALID */
export function readNumber(
	context: ParameterReader,
	itemIndex: number,
	{ name, min, max }: { name: string; min: number; max: number },
): number {
	const value = Number(context.getNodeParameter(name, itemIndex));
	if (value >= min && value <= max) return value;
	throw parameterErrors.INVALID({
		field: name,
		problem: `${String(context.getNodeParameter(name, itemIndex))} is out of bounds`,
		remedy: `Give a number from ${min} to ${max}`,
	});
}
