import type { Json } from '../../../lib/release/model';
import { parameterErrors, supportErrors } from '../../../lib/support/errors';
import { journeySteps } from '../../../lib/validation/journey/journeySchema';
import type { JourneyStep } from '../../../lib/validation/journey/model';
import { neededAccounts } from '../../../lib/validation/journey/neededAccounts';
import { runJourney, type JourneyAccounts } from '../../../lib/validation/journey/runJourney';
import { fieldsOf } from '../../shared/describeOperations';
import type { Operation, OperationContext, ParameterReader } from '../../shared/operation';
import { readJson } from '../../shared/readJson';
import { readNumber } from '../../shared/readNumber';
import { syntheticAccounts } from '../syntheticAccountsCredential';

interface Parameters {
	readonly baseUrl: string;
	readonly steps: readonly JourneyStep[];
	readonly logsIn: boolean;
	readonly timeoutMs: number;
	readonly attempts: number;
	readonly pauseMs: number;
}

const STEPS_REMEDY =
	'Give a JSON list such as [{"name": "log in", "method": "POST", "path": "/login", "body": {"email": "${user}", "password": "${password}"}, "extract": {"token": "/token"}}]';

/** Does what a user does, step by step, and judges every answer. */
export const run: Operation<Parameters> = {
	name: 'run',
	kind: 'verdict',
	description: fieldsOf('run', [
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. https://api.example.com',
			description: 'The application. Every step asks a path of it, so that tokens never go to another host.',
		},
		{
			displayName: 'Steps',
			name: 'steps',
			type: 'json',
			default: '[]',
			required: true,
			placeholder:
				'e.g. [{"name": "list", "path": "/cases", "expect": {"status": 200}, "timing": {"samples": 20}}]',
			description:
				'What the user does, in order. A step has a name and a path, and may have method, headers, body or file, expect (status, values by JSON pointer, bytesOf), extract ({name: "/pointer"}), timing ({samples, p95Ms}), retry and cleanup. Extracted values stand for ${name} in later steps. The first step that does not come out well ends the journey; clean-up steps are run in any case.',
		},
		{
			displayName: 'Log In',
			name: 'logsIn',
			type: 'boolean',
			default: true,
			description:
				'Whether the steps use ${user}, ${password}, ${otherUser} and ${otherPassword} of a Synthetic Accounts credential',
		},
		{
			displayName: 'Timeout (Seconds)',
			name: 'timeoutSeconds',
			type: 'number',
			default: 10,
			typeOptions: { minValue: 0.1, maxValue: 300 },
			description: 'How long one request may take, from connecting to the last byte',
		},
		{
			displayName: 'Attempts per Step',
			name: 'attempts',
			type: 'number',
			default: 3,
			typeOptions: { minValue: 1, maxValue: 20 },
			description:
				'How often a step is asked at most while no answer, a 5xx or a 429 comes. This judges whether the journey works at all; how often requests fail is for the Metric Gate. A step with "retry": false is asked once.',
		},
		{
			displayName: 'Pause Between Attempts (Seconds)',
			name: 'pauseSeconds',
			type: 'number',
			default: 0.5,
			typeOptions: { minValue: 0, maxValue: 60 },
			description: 'How long to wait before a step is asked again',
		},
	]),
	deadlineMs: ({ steps, attempts, timeoutMs, pauseMs }) =>
		steps.reduce((sum, { timing }) => sum + (timing?.samples ?? 0) * timeoutMs, 0) +
		steps.length * attempts * (timeoutMs + pauseMs) +
		30_000,
	readParameters: (context, itemIndex) => ({
		baseUrl: readBaseUrl(context, itemIndex),
		steps: readJson(context, { itemIndex, name: 'steps', schema: journeySteps, remedy: STEPS_REMEDY }),
		logsIn: context.getNodeParameter('logsIn', itemIndex, true) === true,
		timeoutMs: readNumber(context, { itemIndex, name: 'timeoutSeconds', minimum: 0.1, maximum: 300 }) * 1000,
		attempts: readNumber(context, { itemIndex, name: 'attempts', minimum: 1, maximum: 20, whole: true }),
		pauseMs: readNumber(context, { itemIndex, name: 'pauseSeconds', minimum: 0, maximum: 60 }) * 1000,
	}),
	plan: ({ baseUrl, steps }) => ({
		key: '',
		inputs: {
			baseUrl,
			steps: steps.map(({ name, method, path, expect }) => ({ name, method, path, expect })) as unknown as Json,
		},
	}),
	run: async (context) => {
		const { parameters, clock, signal } = context;
		const accounts = await openAccounts(context);
		const { verdict, ...result } = await runJourney(parameters.steps, {
			...parameters,
			clock,
			signal,
			...(accounts ? { accounts } : {}),
		});
		return { verdict, result: result as unknown as Json };
	},
};

/** The accounts that the steps ask for; undefined when they ask for none. */
async function openAccounts({ parameters, open }: OperationContext<Parameters>): Promise<JourneyAccounts | undefined> {
	const needed = neededAccounts(parameters.steps);
	if (!parameters.logsIn) {
		if (!needed.user && !needed.otherUser) return undefined;
		const remedy = 'Switch "Log In" on, or take ${user} and ${password} out of the steps';
		throw parameterErrors.INVALID({ field: 'steps', problem: 'they use an account and none is given', remedy });
	}
	const accounts = await open(syntheticAccounts);
	if (needed.otherUser && (accounts.otherUser === '' || accounts.otherPassword === ''))
		throw supportErrors.FIELD_MISSING({ credential: 'syntheticAccounts', field: 'other user with a password' });
	return accounts;
}

/** @throws RunbookError PARAMETER.INVALID for anything but an http address without user, query and fragment */
function readBaseUrl(context: ParameterReader, itemIndex: number): string {
	const given = String(context.getNodeParameter('baseUrl', itemIndex) ?? '').trim();
	const url = URL.canParse(given) ? new URL(given) : undefined;
	const plain = url && /^https?:$/.test(url.protocol) && url.username + url.password + url.search + url.hash === '';
	if (plain) return given;
	throw parameterErrors.INVALID({
		field: 'baseUrl',
		problem: 'it is no http address without user, query and fragment',
		remedy: 'Give an address such as https://api.example.com',
	});
}
