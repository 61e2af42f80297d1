import type { Json } from '../../../lib/release/model';
import { replayRelease, summarizeReplay } from '../../../lib/watch/replayRelease';
import { releaseLedger } from '../../shared/credentials';
import { fieldsOf } from '../../shared/describeOperations';
import type { Operation } from '../../shared/operation';
import { readJson } from '../../shared/readJson';
import { readNumber } from '../../shared/readNumber';
import { environmentSchema, SETTINGS_REMEDY, type EnvironmentSettings } from '../environmentSettings';
import { WATCHER } from './look.operation';

interface Parameters {
	readonly environment: EnvironmentSettings;
	readonly releases: number;
}

/** What other thresholds would have done about the releases of the past. It measures nothing and changes nothing. */
export const replay: Operation<Parameters> = {
	name: 'replay',
	kind: 'observe',
	description: fieldsOf('replay', [
		{
			displayName: 'Configuration',
			name: 'replayConfiguration',
			type: 'json',
			default: "={{ $('Configuration').first().json }}",
			required: true,
			description:
				'The settings of the environment, with the policy that is to be tried. Its watch interval must be the one that the looks were made at.',
		},
		{
			displayName: 'Releases',
			name: 'replayReleases',
			type: 'number',
			default: 40,
			typeOptions: { minValue: 1, maxValue: 500 },
			description: 'How many of the latest watched releases are replayed',
		},
	]),
	readParameters: (context, itemIndex) => ({
		environment: readJson(context, {
			itemIndex,
			name: 'replayConfiguration',
			schema: environmentSchema,
			remedy: SETTINGS_REMEDY,
		}),
		releases: readNumber(context, { itemIndex, name: 'replayReleases', minimum: 1, maximum: 500, whole: true }),
	}),
	plan: ({ environment, releases }) => ({ key: '', inputs: { environment: environment.name, releases } }),
	run: async ({ parameters: { environment, releases }, open }) => {
		const { watch } = await open(releaseLedger);
		const recorded = await watch.readRecorded(environment.name, { watcher: WATCHER, limit: releases });
		const replayed = recorded.map((release) => replayRelease(release, environment.rules));
		return { result: { summary: summarizeReplay(replayed), releases: replayed } as unknown as Json };
	},
};
