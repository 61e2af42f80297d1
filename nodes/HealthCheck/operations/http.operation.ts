import { checkHttp } from '../../../lib/health/checkHttp';
import type { Json } from '../../../lib/release/model';
import { parameterErrors } from '../../../lib/support/errors';
import { fieldsOf } from '../../shared/describeOperations';
import { healthSample } from '../healthSample';
import type { Operation } from '../../shared/operation';
import { readNumber } from '../../shared/readNumber';
import {
	connectionFields,
	openHeaders,
	openTargets,
	readHttpParameters,
	targetsField,
	type HttpParameters,
} from '../httpFields';

interface Parameters extends HttpParameters {
	readonly attempts: number;
	readonly required: number;
	readonly attemptIntervalMs: number;
}

/** Asks every target over fresh connections and judges the answers. */
export const http: Operation<Parameters> = {
	name: 'http',
	kind: 'verdict',
	description: fieldsOf('http', [
		targetsField,
		{
			displayName: 'Timeout (Seconds)',
			name: 'timeoutSeconds',
			type: 'number',
			default: 10,
			typeOptions: { minValue: 0.1, maxValue: 300 },
			description:
				'How long one probe may take, from connecting to the last byte. A target that is silent for longer has failed.',
		},
		{
			displayName: 'Attempts',
			name: 'attempts',
			type: 'number',
			default: 3,
			typeOptions: { minValue: 1, maxValue: 100 },
			description: 'How many times each target is asked at most. Asking stops as soon as the verdict is certain.',
		},
		{
			displayName: 'Required Successes',
			name: 'required',
			type: 'number',
			default: 2,
			typeOptions: { minValue: 1, maxValue: 100 },
			description: 'How many of the attempts must be healthy for the target to pass',
		},
		{
			displayName: 'Pause Between Attempts (Seconds)',
			name: 'attemptIntervalSeconds',
			type: 'number',
			default: 1,
			typeOptions: { minValue: 0, maxValue: 60 },
			description: 'How long to wait before a target is asked again',
		},
		...connectionFields,
	]),
	deadlineMs: ({ attempts, timeoutMs, attemptIntervalMs }) => attempts * (timeoutMs + attemptIntervalMs) + 30_000,
	readParameters: (context, itemIndex) => {
		const attempts = readNumber(context, { itemIndex, name: 'attempts', minimum: 1, maximum: 100, whole: true });
		const required = readNumber(context, { itemIndex, name: 'required', minimum: 1, maximum: 100, whole: true });
		if (required > attempts) {
			throw parameterErrors.INVALID({
				field: 'required',
				problem: 'it is more than the attempts',
				remedy: `Give a number from 1 to ${attempts}`,
			});
		}
		const attemptIntervalMs =
			readNumber(context, { itemIndex, name: 'attemptIntervalSeconds', minimum: 0, maximum: 60 }) * 1000;
		return { ...readHttpParameters(context, itemIndex), attempts, required, attemptIntervalMs };
	},
	plan: ({ targets }) => ({
		key: '',
		inputs: targets.map(({ name, url, expectedVersion }) => ({
			name,
			url,
			expectedVersion: expectedVersion ?? null,
		})),
	}),
	run: async (context) => {
		const { parameters, clock, signal } = context;
		const headers = await openHeaders(context);
		const { verdict, targets } = await checkHttp(await openTargets(context), {
			...parameters,
			headers,
			clock,
			signal,
		});
		return {
			verdict,
			result: { targets: targets as unknown as Json },
			samples: targets.map((target) => healthSample(clock, target)),
		};
	},
};
