import type { Ledger } from '../../../lib/release/ledger';
import type { Json, Release, StepRecord } from '../../../lib/release/model';
import { releaseLedger } from '../../shared/credentials';
import { fieldsOf } from '../../shared/describeOperations';
import type { Operation } from '../../shared/operation';
import { releaseJson } from '../releaseJson';

interface Parameters {
	readonly by: 'id' | 'execution' | 'environment' | 'lastStable';
	readonly value: string;
}

/** A tick of the watch that has not ended by then died; the next one does not wait for it any longer. */
const TICK_MS = 5 * 60_000;

/** What is said of a release that was not found. */
const NONE = {
	found: false,
	live: false,
	watching: false,
	waiting: false,
	toWatch: false,
	watchOver: false,
	switched: false,
};

/** Looks a release up, with its steps. Finding none is an answer (`found: false`), not an error. */
export const get: Operation<Parameters> = {
	name: 'get',
	kind: 'observe',
	description: fieldsOf('get', [
		{
			displayName: 'Find By',
			name: 'findBy',
			type: 'options',
			noDataExpression: true,
			default: 'id',
			options: [
				{ name: 'Execution', value: 'execution', description: 'The release that an n8n execution began' },
				{
					name: 'Last Stable',
					value: 'lastStable',
					description: 'The newest release of an environment that succeeded',
				},
				{
					name: 'Live in Environment',
					value: 'environment',
					description: 'The release that holds an environment now',
				},
				{ name: 'Release ID', value: 'id' },
			],
			description: 'Which release to look for',
		},
		{
			displayName: 'Value',
			name: 'findValue',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. production',
			description: 'What to look for: a release, an execution, or an environment, as chosen above',
		},
	]),
	readParameters: (context, itemIndex) => ({
		by: context.getNodeParameter('findBy', itemIndex) as Parameters['by'],
		value: String(context.getNodeParameter('findValue', itemIndex)),
	}),
	plan: ({ by, value }) => ({ key: '', inputs: { by, value } }),
	run: async ({ parameters, open, clock }) => {
		const ledger = await open(releaseLedger);
		const release = await find(ledger, parameters);
		if (!release) return { result: NONE };
		const steps = await ledger.readSteps(release.id);
		return {
			result: { ...releaseJson(release), ...facts(release, steps, clock.now()), steps: steps.map(stepJson) },
		};
	},
};

async function find(ledger: Ledger, { by, value }: Parameters): Promise<Release | undefined> {
	if (by === 'id') return await ledger.readRelease(value);
	if (by === 'execution') return await ledger.readReleaseByExecution(value);
	if (by === 'lastStable') return await ledger.readLastStable(value);
	return (await ledger.listLiveReleases(value))[0];
}

function facts(release: Release, steps: readonly StepRecord[], now: Date): { readonly [key: string]: boolean } {
	const measured = release.state === 'watching' || release.state === 'waiting';
	// Two ticks at once would record over each other.
	const tickRuns = steps.some(
		({ stepKey, state, startedAt }) =>
			stepKey.startsWith('watch/') && state === 'started' && now.getTime() - startedAt.getTime() < TICK_MS,
	);
	return {
		found: true,
		live: release.finishedAt === null && !release.rehearsal,
		watching: release.state === 'watching',
		waiting: release.state === 'waiting',
		/** It serves under watch, or waits for approval, and no earlier tick is still measuring. */
		toWatch: measured && !tickRuns,
		watchOver: release.watchUntil !== null && release.watchUntil <= now,
		// A switch that was started counts: its outcome may be unknown.
		switched: steps.some(({ stepKey }) => stepKey === '3.2/switch-traffic'),
	};
}

function stepJson({ stepKey, state, startedAt, finishedAt, error }: StepRecord): Json {
	return { stepKey, state, startedAt: startedAt.toISOString(), finishedAt: finishedAt?.toISOString() ?? null, error };
}
