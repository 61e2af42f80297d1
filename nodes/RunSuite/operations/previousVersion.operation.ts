import { dropReleaseScratch } from '../../../lib/backup/dropReleaseScratch';
import type { StepOutcome } from '../../../lib/release/recordStep';
import type { Workload } from '../../../lib/rollout/model';
import { parseWorkloads } from '../../../lib/rollout/parseConfiguration';
import { parameterErrors } from '../../../lib/support/errors';
import { RunbookError } from '../../../lib/support/runbookError';
import type { Verdict } from '../../../lib/support/verdict';
import { assessNeed } from '../../../lib/validation/previousVersion/assessNeed';
import { databaseUrl } from '../../../lib/validation/previousVersion/databaseUrl';
import { runPreviousVersion } from '../../../lib/validation/previousVersion/runPreviousVersion';
import { fieldsOf } from '../../shared/describeOperations';
import type { Operation, OperationContext, ParameterReader } from '../../shared/operation';
import { readJson } from '../../shared/readJson';
import { readNumber } from '../../shared/readNumber';
import { findPreviousImage } from '../findPreviousImage';
import { previousVersionFields } from '../previousVersionFields';
import {
	previousVersion as settingsSchema,
	previousVersionJob,
	type PreviousVersion,
} from '../previousVersionSettings';
import { readRehearsed, type Rehearsed } from '../rehearsed';
import { scratchForPods } from '../scratchForPods';
import { suiteCluster } from '../suiteClusterCredential';

interface Parameters {
	/** Null: it is not configured. */
	readonly settings: PreviousVersion | null;
	/** Of the release set; undefined when nothing is configured. */
	readonly workload: Workload | undefined;
	readonly workloadsNamespace: string;
	/** Empty: that of the release's rehearsal. */
	readonly scratchDatabase: string;
	readonly schema: string;
	readonly dropScratch: boolean;
	readonly pollMs: number;
}

const REHEARSE_STEP = '2.1/rehearse';
const REMEDY =
	'Give an object such as {"workload": "api", "command": ["npm", "run", "test:critical-path:alone"]}, or leave it out';

/** Passed: the version that serves works on the schema that the release brings. Anything else: nobody can say that going back helps. */
export const previousVersion: Operation<Parameters> = {
	name: 'previousVersion',
	kind: 'verdict',
	description: fieldsOf('previousVersion', previousVersionFields),
	deadlineMs: ({ settings }) => (settings?.deadlineSeconds ?? 0) * 1000 + 180_000,
	readParameters: (context, itemIndex) => {
		const settings = readJson(context, {
			itemIndex,
			name: 'previousVersion',
			schema: settingsSchema.nullable(),
			whenAbsent: null,
			remedy: REMEDY,
		});
		return {
			settings,
			workload: settings ? readWorkload(context, itemIndex, settings.workload) : undefined,
			workloadsNamespace: readText(context, itemIndex, 'workloadsNamespace'),
			scratchDatabase: readText(context, itemIndex, 'scratchDatabase'),
			schema: readText(context, itemIndex, 'schema'),
			dropScratch: context.getNodeParameter('dropScratch', itemIndex, false) === true,
			pollMs: readNumber(context, { itemIndex, name: 'pollSeconds', minimum: 0.2, maximum: 60 }) * 1000,
		};
	},
	plan: ({ settings, schema }) => ({
		key: '',
		inputs: settings
			? { schema, workload: settings.workload, command: settings.command, args: settings.arguments }
			: { schema },
	}),
	run: async (context) => {
		const rehearsed = await findRehearsed(context);
		try {
			return await judge(rehearsed, context);
		} finally {
			await dropAfterwards(rehearsed?.database ?? context.parameters.scratchDatabase, context);
		}
	},
};

/** In a release its rehearsal says what ran there. A node that is used alone is told where to run, and whoever tells it has rehearsed. */
async function findRehearsed({
	release,
	recorded,
	parameters,
}: OperationContext<Parameters>): Promise<Rehearsed | undefined> {
	const { scratchDatabase } = parameters;
	const named = scratchDatabase === '' ? undefined : { database: scratchDatabase };
	if (!release) return named && { ...named, migrations: Infinity };
	const rehearsed = readRehearsed(await recorded(REHEARSE_STEP));
	return rehearsed && { ...rehearsed, ...named };
}

async function judge(rehearsed: Rehearsed | undefined, context: OperationContext<Parameters>): Promise<StepOutcome> {
	const { open, release, signal, clock, log, parameters } = context;
	const { settings, workload, workloadsNamespace, schema } = parameters;
	const facts = { configured: settings !== null, ran: false, database: rehearsed?.database ?? '' };
	const without = assessNeed({ configured: facts.configured, rehearsed: rehearsed?.migrations });
	if (without || !rehearsed || !settings || !workload) return outcome(without ?? UNTOLD, facts);
	const image = await findPreviousImage(context, { workload, namespace: workloadsNamespace });
	if (image instanceof RunbookError) return outcome({ verdict: 'inconclusive', reason: image.message }, facts);
	const { database } = rehearsed;
	const { cluster, namespace } = await open(suiteCluster);
	const scratch = { ...(await open(scratchForPods)), database };
	const address = { host: settings.databaseHost, port: settings.databasePort };
	const job = previousVersionJob(settings, { image, database, namespace, release });
	const { verdict, ...result } = await runPreviousVersion(cluster, job, {
		secret: { [settings.databaseVariable]: databaseUrl(scratch, schema, address) },
		leastTests: settings.leastTests,
		pollMs: parameters.pollMs,
		...{ clock, signal, log },
	});
	return outcome({ verdict, reason: result.reason }, { ...result, ...facts, ran: true, image });
}

const UNTOLD = { verdict: 'inconclusive', reason: 'nothing says what is to be run' } as const;

function outcome({ verdict, reason }: { verdict: Verdict; reason: string }, facts: object): StepOutcome {
	return {
		verdict,
		result: { ...facts, reason, reasons: verdict === 'passed' ? [] : [reason] },
	};
}

async function dropAfterwards(
	named: string,
	{ parameters, release, open, signal, log }: OperationContext<Parameters>,
): Promise<void> {
	if (!release || !parameters.dropScratch) return;
	await dropReleaseScratch(await open(scratchForPods), { releaseId: release.id, named }, { signal, log });
}

/** @throws RunbookError PARAMETER.INVALID */
function readWorkload(context: ParameterReader, itemIndex: number, name: string): Workload {
	const workloads = parseWorkloads(context.getNodeParameter('workloads', itemIndex));
	const found = workloads.find(({ service }) => service === name);
	if (found) return found;
	throw parameterErrors.INVALID({
		field: 'previousVersion.workload',
		problem: `there is no workload "${name}"`,
		remedy: `Name one of: ${workloads.map(({ service }) => service).join(', ')}`,
	});
}

function readText(context: ParameterReader, itemIndex: number, name: string): string {
	const value: unknown = context.getNodeParameter(name, itemIndex, '');
	return typeof value === 'string' ? value.trim() : '';
}
