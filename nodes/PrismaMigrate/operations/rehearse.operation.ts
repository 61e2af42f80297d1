import { dropReleaseScratch } from '../../../lib/backup/dropReleaseScratch';
import type { DeployUpTo, SessionSettings } from '../../../lib/migration/model';
import type { RehearsalLimits } from '../../../lib/migration/rehearse/model';
import { rehearseMigrations } from '../../../lib/migration/rehearse/rehearseMigrations';
import { readLinted } from '../../../lib/migration/splitPending';
import type { StepOutcome } from '../../../lib/release/recordStep';
import { parameterErrors } from '../../../lib/support/errors';
import { scratchPostgres, targetPostgres } from '../../shared/credentials';
import { fieldsOf } from '../../shared/describeOperations';
import type { Operation, OperationContext } from '../../shared/operation';
import {
	migrationFields,
	readMigrationParameters,
	readSeconds,
	readUpTo,
	upToField,
	type MigrationParameters,
} from '../migrationParameters';

interface Parameters extends MigrationParameters, RehearsalLimits {
	readonly settings: SessionSettings;
	readonly upTo: DeployUpTo;
	/** Empty: the one that the backup's verification kept. */
	readonly scratchDatabase: string;
	readonly dropScratch: boolean;
	readonly keepWhenPassed: boolean;
}

const BACKUP_STEP = '1.2/verify-backup';
const LINT_STEP = '2.1/lint';
/** Nobody else works on a scratch database. */
const LOCK_TIMEOUT_MS = 10_000;

/** Passed: all that will be deployed ran on a copy of the data. Failed: a script failed, or kept others waiting. Inconclusive: it could not be tried. */
export const rehearse: Operation<Parameters> = {
	name: 'rehearse',
	kind: 'verdict',
	description: fieldsOf('rehearse', [
		...migrationFields,
		upToField,
		{
			displayName: 'Scratch Database',
			name: 'scratchDatabase',
			type: 'string',
			default: '',
			placeholder: 'e.g. scratch_r_2026_11_23_…',
			description:
				"Name of the database on the scratch server that was restored from production's backup. It is changed by the rehearsal. Empty: the one that the release's verification of the backup kept.",
		},
		{
			displayName: 'Drop the Scratch Database',
			name: 'dropScratch',
			type: 'boolean',
			default: true,
			displayOptions: { show: { recordStep: [true] } },
			description:
				"Whether the scratch databases that this release's verifications kept are dropped afterwards, whatever the verdict. A rehearsal uses them up.",
		},
		{
			displayName: 'Keep It When Passed',
			name: 'keepWhenPassed',
			type: 'boolean',
			default: false,
			displayOptions: { show: { recordStep: [true], dropScratch: [true] } },
			description:
				'Whether the scratch database stays when the rehearsal has passed, for the step that runs the previous version on it and drops it then',
		},
		{
			displayName: 'Longest Lock (Seconds)',
			name: 'longestLockSeconds',
			type: 'number',
			default: 10,
			required: true,
			typeOptions: { minValue: 0.1, maxValue: 3_600 },
			description: 'How long a script may keep the writers of a table waiting',
		},
		{
			displayName: 'Statement Timeout (Seconds)',
			name: 'statementTimeoutSeconds',
			type: 'number',
			default: 600,
			required: true,
			typeOptions: { minValue: 0, maxValue: 86_400 },
			description: 'How long one migration may run before it is stopped and undone; 0 for no limit',
		},
	]),
	readParameters: (context, itemIndex) => {
		const common = readMigrationParameters(context, itemIndex);
		const statementTimeoutMs = readSeconds(context, itemIndex, {
			name: 'statementTimeoutSeconds',
			min: 0,
			max: 86_400,
		});
		return {
			...common,
			settings: { schema: common.schema, lockTimeoutMs: LOCK_TIMEOUT_MS, statementTimeoutMs },
			upTo: readUpTo(context, itemIndex),
			scratchDatabase: String(context.getNodeParameter('scratchDatabase', itemIndex)).trim(),
			dropScratch: context.getNodeParameter('dropScratch', itemIndex, false) === true,
			keepWhenPassed: context.getNodeParameter('keepWhenPassed', itemIndex, false) === true,
			longestLockMs: readSeconds(context, itemIndex, { name: 'longestLockSeconds', min: 0.1, max: 3_600 }),
		};
	},
	plan: ({ folder, schema, upTo, longestLockMs }) => ({
		key: '',
		inputs: {
			...{ schema, upTo, longestLockMs },
			migrations: folder.migrations.map(({ name, checksum }) => ({ name, checksum })),
		},
	}),
	run: async (context) => {
		const named = await readScratchName(context);
		let isKept = false;
		try {
			const outcome = await rehearseOn(named, context);
			isKept = outcome.verdict === 'passed' && context.parameters.keepWhenPassed;
			return outcome;
		} finally {
			if (!isKept) await dropAfterwards(named, context);
		}
	},
};

async function rehearseOn(database: string, context: OperationContext<Parameters>): Promise<StepOutcome> {
	const { parameters, open, recorded, signal, clock, log } = context;
	const linted = await recorded(LINT_STEP);
	const scratch = { ...(await open(scratchPostgres)), database };
	const { verdict, ...rehearsal } = await rehearseMigrations(scratch, parameters.folder, {
		...parameters,
		...{ signal, clock, log, production: await open(targetPostgres) },
		...(linted ? { linted: readLinted(linted.result) } : {}),
	});
	const migrations = rehearsal.migrations.map((migration) => ({
		...migration,
		locks: migration.locks.map((lock) => ({ ...lock })),
		rewritten: migration.rewritten.map((table) => ({ ...table })),
		down: migration.down && { ...migration.down },
	}));
	const problems = [...rehearsal.problems, ...rehearsal.history].map((problem) => ({ ...problem }));
	const reasons = problems.filter(({ severity }) => severity !== 'warning').map(({ text }) => text);
	const { sizeRatio } = rehearsal;
	return {
		verdict,
		result: { migrations, sizeRatio, problems, reasons, database: rehearsal.database && { ...rehearsal.database } },
		evidence: { rehearsed: migrations.map(({ name, checksum, failure }) => ({ name, checksum, failure })) },
	};
}

async function dropAfterwards(
	named: string,
	{ parameters, release, open, signal, log }: OperationContext<Parameters>,
): Promise<void> {
	if (!release || !parameters.dropScratch) return;
	await dropReleaseScratch(await open(scratchPostgres), { releaseId: release.id, named }, { signal, log });
}

/** @throws RunbookError PARAMETER.INVALID */
async function readScratchName({ parameters, recorded }: OperationContext<Parameters>): Promise<string> {
	if (parameters.scratchDatabase !== '') return parameters.scratchDatabase;
	const result = (await recorded(BACKUP_STEP))?.result as {
		readonly scratch?: { readonly database?: unknown } | null;
	} | null;
	const kept = result?.scratch?.database;
	if (typeof kept === 'string' && kept !== '') return kept;
	throw parameterErrors.INVALID({
		field: 'scratchDatabase',
		problem: 'no scratch database is named, and the verification of the backup kept none',
		remedy: 'Turn on "Keep the Scratch Database" in the verification of the backup, or name the database',
	});
}
