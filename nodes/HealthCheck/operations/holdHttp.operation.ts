import { giveUpAfterMs } from '../../../lib/health/assessHeld';
import { holdHttp as hold } from '../../../lib/health/holdHttp';
import type { Json } from '../../../lib/release/model';
import { fieldsOf } from '../../shared/describeOperations';
import type { Operation } from '../../shared/operation';
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

interface Parameters extends HttpParameters, SamplingParameters {}

/** Watches targets: one healthy sample passes, an unbroken failure for long enough fails. */
export const holdHttp: Operation<Parameters> = {
	name: 'holdHttp',
	kind: 'verdict',
	description: fieldsOf('holdHttp', [targetsField, ...samplingFields, ...connectionFields]),
	deadlineMs: ({ rule }) => giveUpAfterMs(rule) + 2 * rule.intervalMs + 30_000,
	readParameters: (context, itemIndex) => ({
		...readHttpParameters(context, itemIndex),
		...readSampling(context, itemIndex),
	}),
	plan: ({ targets, rule }) => ({
		key: '',
		inputs: { targets: targets.map(({ name, url }) => ({ name, url })), rule: { ...rule } },
	}),
	run: async (context) => {
		const { parameters, clock, signal } = context;
		const { canary, rule, timeoutMs, followRedirects } = parameters;
		const options = { rule, timeoutMs, followRedirects, headers: await openHeaders(context), clock, signal };
		const { verdict, ...result } = await hold(
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
