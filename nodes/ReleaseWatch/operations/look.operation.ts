import type { Json } from '../../../lib/release/model';
import { bootId } from '../../../lib/support/bootId';
import { describeTodo } from '../../../lib/watch/describeTodo';
import { lookAround } from '../../../lib/watch/lookAround';
import { releaseLedger } from '../../shared/credentials';
import { fieldsOf } from '../../shared/describeOperations';
import type { Operation } from '../../shared/operation';
import { podProxyCredential } from '../../shared/podProxyCredential';
import { readJson } from '../../shared/readJson';
import { checkSchedule } from '../checkSchedule';
import { environmentsSchema, SETTINGS_REMEDY, type EnvironmentSettings } from '../environmentSettings';
import { measureEnvironment } from '../measureEnvironment';

interface Parameters {
	readonly environments: readonly EnvironmentSettings[];
}

/** Who looks, for the ledger: looks of n8n are judged together, whichever of its processes made them. */
export const WATCHER = 'n8n';

/** One tick of the watch: looks at every environment, records it, and says what is to be done. */
export const look: Operation<Parameters> = {
	name: 'look',
	kind: 'observe',
	description: fieldsOf('look', [
		{
			displayName: 'Environments',
			name: 'environments',
			type: 'json',
			default: "={{ $('Configuration').all().map((item) => item.json) }}",
			required: true,
			description:
				'The configurations of all environments, as a list. Each is looked at once; the looks of earlier runs are read from the ledger.',
		},
	]),
	deadlineMs: ({ environments }) => Math.max(...environments.map(({ timeoutMs }) => timeoutMs)) * 3 + 30_000,
	readParameters: (context, itemIndex) => {
		const environments = readJson(context, {
			itemIndex,
			name: 'environments',
			schema: environmentsSchema,
			remedy: SETTINGS_REMEDY,
		});
		checkSchedule(context, environments);
		return { environments };
	},
	plan: ({ environments }) => ({ key: '', inputs: environments.map(({ name }) => name) }),
	run: async ({ parameters: { environments }, open, clock, signal }) => {
		const settings = new Map(environments.map((one) => [one.name, one]));
		const { watch } = await open(releaseLedger);
		const looked = await lookAround(environments, {
			watcher: WATCHER,
			ports: {
				ledger: watch,
				measure: async ({ name }, counters) =>
					await measureEnvironment(settings.get(name) as EnvironmentSettings, counters, {
						openCluster: async () => await open(podProxyCredential),
						clock,
						signal,
					}),
				clock,
				bootId: bootId(),
			},
		});
		const todo = looked.flatMap((one) => one.todo.map(describeTodo));
		const standings = looked.map(({ environment, releaseId, judgements }) => ({
			environment,
			releaseId,
			signals: judgements.map(({ signal, level, value, held, reason }) => ({
				signal,
				level,
				value,
				held: held.state,
				reason,
			})),
		}));
		return { result: { todo, environments: standings } as unknown as Json };
	},
};
