import { checkHttp } from '../../../lib/health/checkHttp';
import type { Json } from '../../../lib/release/model';
import { attemptFields, attemptsDeadlineMs, readAttempts, type AttemptParameters } from '../attemptFields';
import { fieldsOf } from '../../shared/describeOperations';
import { healthSample } from '../healthSample';
import type { Operation } from '../../shared/operation';
import {
	connectionFields,
	openHeaders,
	openTargets,
	readHttpParameters,
	targetsField,
	type HttpParameters,
} from '../httpFields';

type Parameters = HttpParameters & AttemptParameters;

/** Asks every target over fresh connections and judges the answers. */
export const http: Operation<Parameters> = {
	name: 'http',
	kind: 'verdict',
	description: fieldsOf('http', [targetsField, ...attemptFields, ...connectionFields]),
	deadlineMs: attemptsDeadlineMs,
	readParameters: (context, itemIndex) => ({
		...readHttpParameters(context, itemIndex),
		...readAttempts(context, itemIndex),
	}),
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
