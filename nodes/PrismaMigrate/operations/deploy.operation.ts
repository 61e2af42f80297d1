import { deployMigrations, type DeployedMigrations } from '../../../lib/migration/deployMigrations';
import type { DeployUpTo, LockRetry, SessionSettings } from '../../../lib/migration/model';
import { observeDeployment } from '../../../lib/migration/observeDeployment';
import { pointOfNoReturn } from '../../../lib/migration/pointOfNoReturn';
import {
	readBackupId,
	readBackupSource,
	refuseWeakBackup,
	type ProofClass,
} from '../../../lib/migration/refuseForeignBackup';
import { readHeldBack, readLinted, readRehearsed } from '../../../lib/migration/splitPending';
import type { StepRecord } from '../../../lib/release/model';
import type { StepOutcome } from '../../../lib/release/recordStep';
import { targetPostgres } from '../../shared/credentials';
import { fieldsOf } from '../../shared/describeOperations';
import { objectStorage } from '../../shared/objectStorageCredential';
import type { Operation, ParameterReader } from '../../shared/operation';
import {
	fenceOf,
	migrationFields,
	readMigrationParameters,
	readNumber,
	readSeconds,
	readUpTo,
	upToField,
	type MigrationParameters,
} from '../migrationParameters';
import { refuseUnverifiedBackup } from '../refuseUnverifiedBackup';

interface Parameters extends MigrationParameters {
	readonly settings: SessionSettings;
	readonly retry: LockRetry;
	readonly upTo: DeployUpTo;
	readonly leastProof: ProofClass;
}

const BACKUP_STEP = '1.2/verify-backup';
const LINT_STEP = '2.1/lint';
const REHEARSE_STEP = '2.1/rehearse';
const FIRST_PAUSE_MS = 1_000;

/** Applies what is pending, up to the first migration that the previous version could not live with. The schema moves forward only: there is no inverse. */
export const deploy: Operation<Parameters> = {
	name: 'deploy',
	kind: 'change',
	requires: [
		BACKUP_STEP,
		'gate-1/approval',
		'2.1/migration-status',
		LINT_STEP,
		REHEARSE_STEP,
		'2.2/integrity-before',
		'2.2/record-counts',
	],
	// What takes something away needs the way back to be closed first.
	alsoRequires: ({ upTo }) => (upTo === 'all' ? ['2.1/raise-floor'] : []),
	description: fieldsOf('deploy', [
		...migrationFields,
		upToField,
		{
			displayName: 'Lock Timeout (Seconds)',
			name: 'lockTimeoutSeconds',
			type: 'number',
			default: 4,
			required: true,
			typeOptions: { minValue: 0.1, maxValue: 60 },
			description:
				'How long a migration may wait for a table. While it waits every reader of that table waits behind it.',
		},
		{
			displayName: 'Lock Attempts',
			name: 'lockAttempts',
			type: 'number',
			default: 5,
			required: true,
			typeOptions: { minValue: 1, maxValue: 20 },
			description:
				'How often a migration that did not get its table is run in all, with growing pauses. Only scripts that left nothing behind are run again.',
		},
		{
			displayName: 'Statement Timeout (Seconds)',
			name: 'statementTimeoutSeconds',
			type: 'number',
			default: 600,
			required: true,
			typeOptions: { minValue: 0, maxValue: 86_400 },
			description:
				'How long one migration may run before it is stopped and undone; 0 for no limit. It takes the place of the limit that the role has.',
		},
		{
			displayName: 'Least Proof of the Backup',
			name: 'leastProof',
			type: 'options',
			default: 'A',
			options: [
				{ name: 'A: Restored and Compared', value: 'A' },
				{ name: 'B: Continuous Backup With a Restore Drill', value: 'B' },
				{ name: 'C: A Clone That Was Queried', value: 'C' },
			],
			description:
				'What the recorded backup must be proven by, at least, for these migrations to run. A also looks into object storage whether it is still there.',
		},
	]),
	readParameters: (context, itemIndex) => {
		const common = readMigrationParameters(context, itemIndex);
		const lockTimeoutMs = readSeconds(context, itemIndex, { name: 'lockTimeoutSeconds', min: 0.1, max: 60 });
		const statementTimeoutMs = readSeconds(context, itemIndex, {
			name: 'statementTimeoutSeconds',
			min: 0,
			max: 86_400,
		});
		const attempts = Math.round(readNumber(context, itemIndex, { name: 'lockAttempts', min: 1, max: 20 }));
		return {
			...common,
			upTo: readUpTo(context, itemIndex),
			settings: { schema: common.schema, lockTimeoutMs, statementTimeoutMs },
			retry: { attempts, firstPauseMs: FIRST_PAUSE_MS },
			leastProof: readLeastProof(context, itemIndex),
		};
	},
	plan: ({ folder, schema, upTo }) => ({
		key: '',
		inputs: { schema, upTo, migrations: folder.migrations.map(({ name, checksum }) => ({ name, checksum })) },
	}),
	prepare: async () => await Promise.resolve({ inverse: null }),
	observe: async (context) => {
		const { parameters, open, recorded, signal } = context;
		const observed = await observeDeployment(await open(targetPostgres), parameters.folder, {
			settings: parameters.settings,
			signal,
			fence: fenceOf(context),
			heldBack: readHeldBack((await recorded(LINT_STEP))?.result),
		});
		if (typeof observed === 'string') return observed;
		return { outcome: 'done', ...describe(observed, parameters, await recorded(BACKUP_STEP)) };
	},
	run: async (context) => {
		const { parameters, open, recorded, signal, clock, log } = context;
		const { folder, settings, retry, upTo, leastProof } = parameters;
		const verified = await recorded(BACKUP_STEP);
		const linted = await recorded(LINT_STEP);
		const rehearsed = await recorded(REHEARSE_STEP);
		const backup = verified && readBackupSource(verified.result);
		if (verified) refuseWeakBackup(verified.result, leastProof);
		if (verified && leastProof === 'A')
			await refuseUnverifiedBackup(await open(objectStorage), verified.result, signal);
		const deployed = await deployMigrations(await open(targetPostgres), folder, {
			settings,
			retry,
			// As long as all attempts would stand in the queue, and nobody behind them waits.
			patienceMs: settings.lockTimeoutMs * retry.attempts,
			upTo,
			signal,
			clock,
			log,
			fence: fenceOf(context),
			...(linted ? { linted: readLinted(linted.result) } : {}),
			...(rehearsed ? { rehearsed: readRehearsed(rehearsed.result) } : {}),
			...(backup ? { backup } : {}),
		});
		return describe(deployed, parameters, verified);
	},
};

/** Anything but a known class asks for the strongest. */
function readLeastProof(context: ParameterReader, itemIndex: number): ProofClass {
	const least: unknown = context.getNodeParameter('leastProof', itemIndex, 'A');
	return least === 'B' || least === 'C' ? least : 'A';
}

function describe(deployed: DeployedMigrations, { folder }: Parameters, verified: StepRecord | undefined): StepOutcome {
	const { applied, database } = deployed;
	const noReturn = pointOfNoReturn(applied, readBackupId(verified?.result));
	const ran = folder.migrations.filter(({ name }) => applied.includes(name));
	return {
		result: { ...deployed, database: { ...database } },
		evidence: {
			checksums: Object.fromEntries(ran.map(({ name, checksum }) => [name, checksum])),
			backup: verified ? { ...readBackupSource(verified.result) } : null,
		},
		...(noReturn ? { pointOfNoReturn: noReturn } : {}),
	};
}
