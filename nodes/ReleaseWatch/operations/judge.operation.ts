import type { Json } from '../../../lib/release/model';
import { judgeRelease } from '../../../lib/watch/judgeRelease';
import { releaseLedger } from '../../shared/credentials';
import { fieldsOf } from '../../shared/describeOperations';
import type { Operation } from '../../shared/operation';
import { readJson } from '../../shared/readJson';
import { environmentSchema, SETTINGS_REMEDY, type EnvironmentSettings } from '../environmentSettings';
import { WATCHER } from './look.operation';

interface Parameters {
	readonly environment: EnvironmentSettings;
	readonly releaseId: string;
	readonly signal: string;
}

/** Judges one signal of the live release by what the watch has recorded, so that the ledger holds why it acted. */
export const judge: Operation<Parameters> = {
	name: 'judge',
	kind: 'verdict',
	description: fieldsOf('judge', [
		{
			displayName: 'Signal',
			name: 'signal',
			type: 'options',
			default: 'health',
			options: [
				{ name: 'Error Rate', value: 'error-rate', description: 'Which share of the requests failed' },
				{ name: 'Health', value: 'health', description: 'Whether every health target answered well' },
			],
			description: 'What is judged, by the looks that the watch recorded',
		},
		{
			displayName: 'Configuration',
			name: 'configuration',
			type: 'json',
			default: "={{ $('Configuration').first().json }}",
			required: true,
			description: 'The settings of the environment that the release holds; its thresholds judge',
		},
	]),
	readParameters: (context, itemIndex) => ({
		environment: readJson(context, {
			itemIndex,
			name: 'configuration',
			schema: environmentSchema,
			remedy: SETTINGS_REMEDY,
		}),
		releaseId: String(context.getNodeParameter('releaseId', itemIndex)),
		signal: String(context.getNodeParameter('signal', itemIndex)),
	}),
	plan: ({ signal }) => ({ key: '', inputs: { signal } }),
	run: async ({ parameters, open }) => {
		const { watch } = await open(releaseLedger);
		const { verdict, judgement, reason } = await judgeRelease(watch, { ...parameters, watcher: WATCHER });
		const rule = parameters.environment.rules.find(({ signal }) => signal === parameters.signal);
		const limit = rule?.limits.at(-1);
		const { metric } = parameters.environment.metrics;
		const counted = parameters.signal === 'error-rate' ? { metric, query: 'the looks of the watch, all pods' } : {};
		return {
			verdict,
			result: {
				signal: parameters.signal,
				...counted,
				level: judgement?.level ?? null,
				value: judgement?.value ?? null,
				limit: limit?.above ?? null,
				held: { ...judgement?.held },
				reason,
			} as Json,
		};
	},
};
