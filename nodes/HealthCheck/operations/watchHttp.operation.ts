import { longestWatchMs } from '../../../lib/health/assessWatched';
import { watchHttp as watch } from '../../../lib/health/watchHttp';
import type { Json } from '../../../lib/release/model';
import { fieldsOf } from '../../shared/describeOperations';
import type { Operation } from '../../shared/operation';
import { readNumber } from '../../shared/readNumber';
import { healthSample } from '../healthSample';
import {
	connectionFields,
	openHeaders,
	openTargets,
	readHttpParameters,
	targetsField,
	type HttpParameters,
} from '../httpFields';
import { readSampling, samplingFields, type SamplingParameters } from '../samplingFields';

interface Parameters extends HttpParameters, SamplingParameters {
	readonly windowMs: number;
}

/** Watches targets for a whole window: only its end passes, a breach that holds fails at once. */
export const watchHttp: Operation<Parameters> = {
	name: 'watchHttp',
	kind: 'verdict',
	description: fieldsOf('watchHttp', [
		targetsField,
		{
			displayName: 'Window (Seconds)',
			name: 'windowSeconds',
			type: 'number',
			default: 600,
			typeOptions: { minValue: 0, maxValue: 86400 },
			placeholder: 'e.g. 600',
			description:
				'How long the targets are watched before the verdict is passed. A gap begins it anew; after twice that long the verdict is inconclusive. 0 passes at the first healthy sample.',
		},
		...samplingFields,
		...connectionFields,
	]),
	deadlineMs: ({ rule, windowMs }) => longestWatchMs({ breach: rule, windowMs }) + 2 * rule.intervalMs + 30_000,
	readParameters: (context, itemIndex) => ({
		...readHttpParameters(context, itemIndex),
		...readSampling(context, itemIndex),
		windowMs: readNumber(context, { itemIndex, name: 'windowSeconds', minimum: 0, maximum: 86_400 }) * 1000,
	}),
	plan: ({ targets, rule, windowMs }) => ({
		key: '',
		inputs: { targets: targets.map(({ name, url }) => ({ name, url })), rule: { ...rule }, windowMs },
	}),
	run: async (context) => {
		const { parameters, clock, signal, log } = context;
		const { canary, rule: breach, windowMs, timeoutMs, followRedirects } = parameters;
		const headers = await openHeaders(context);
		const options = { rule: { breach, windowMs }, timeoutMs, followRedirects, headers, clock, signal, log };
		const { verdict, ...result } = await watch(
			await openTargets(context),
			canary ? { ...options, canary } : options,
		);
		return {
			verdict,
			result: result as unknown as Json,
			samples: result.targets.map((target) => healthSample(clock, target)),
		};
	},
};
