import type { INodeProperties } from 'n8n-workflow';
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

interface Parameters extends HttpParameters, AttemptParameters {
	readonly externalTargets: 'judge' | 'report';
}

const externalTargetsField: INodeProperties = {
	displayName: 'External Targets',
	name: 'externalTargets',
	type: 'options',
	default: 'judge',
	options: [
		{ name: 'Judge', value: 'judge', description: 'A provider that fails fails the check' },
		{
			name: 'Report Only',
			value: 'report',
			description: 'Providers are asked and shown; the verdict is that of your own targets',
		},
	],
	description:
		'Whether targets marked external count. After a switch they should not: no other version mends a provider.',
};

/** Asks every target over fresh connections and judges the answers. */
export const http: Operation<Parameters> = {
	name: 'http',
	kind: 'verdict',
	description: fieldsOf('http', [targetsField, externalTargetsField, ...attemptFields, ...connectionFields]),
	deadlineMs: attemptsDeadlineMs,
	readParameters: (context, itemIndex) => ({
		...readHttpParameters(context, itemIndex),
		...readAttempts(context, itemIndex),
		externalTargets:
			context.getNodeParameter('externalTargets', itemIndex, 'judge') === 'report' ? 'report' : 'judge',
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
