import { isDeepStrictEqual } from 'node:util';
import { redactJson } from '../../support/redact';
import { readPointer } from './jsonPointer';
import type { JourneyAnswer, JourneyStep, JsonValue } from './model';

/** What a step takes an answer for, before anything of it is shown. */
export interface AssessedAnswer {
	/** Undefined: the answer is the right one. Secrets are masked in it. */
	readonly problem: string | undefined;
	/** What was found of what is extracted, also when the answer is wrong. */
	readonly extracted: Readonly<Record<string, string | number | boolean>>;
}

/** What an answer is compared with: the step's JSON with its values filled in, and the bytes that were uploaded. */
export interface Expected {
	readonly json: Readonly<Record<string, JsonValue>>;
	/** Absent: any bytes. */
	readonly bytes?: Buffer;
	/** Of the accounts and of earlier answers. */
	readonly secrets: readonly string[];
}

/** Decides whether an answer is the right one: status, bytes, JSON values, then what is extracted. The first thing wrong is the problem. */
export function assessAnswer(step: JourneyStep, answer: JourneyAnswer, expected: Expected): AssessedAnswer {
	const { json: compared } = expected;
	const needsJson = Object.keys(compared).length + Object.keys(step.extract).length > 0;
	const json = needsJson ? parse(answer.bytes) : undefined;
	const found = Object.entries(step.extract).map(
		([name, { pointer }]) => [name, readPointer(json, pointer)] as const,
	);
	const extracted = Object.fromEntries(found.filter((entry): entry is [string, Primitive] => isPrimitive(entry[1])));
	const secrets = [...expected.secrets, ...secretsIn(step, extracted)];
	return { problem: findProblem(), extracted };

	function findProblem(): string | undefined {
		const { statuses } = step.expect;
		if (!statuses.includes(answer.status)) {
			const redirected = answer.status >= 300 && answer.status < 400 ? ' (redirects are not followed)' : '';
			return `status ${answer.status}, expected ${statuses.join(' or ')}${redirected}`;
		}
		if (answer.bytes === undefined) return 'the body is larger than 10 MiB';
		if (expected.bytes && !answer.bytes.equals(expected.bytes))
			return `the bytes are not those that were sent (${answer.bytes.length} came, ${expected.bytes.length} were sent)`;
		if (needsJson && json === undefined) return 'the body is not JSON';
		for (const [pointer, wanted] of Object.entries(compared)) {
			const value = readPointer(json, pointer);
			if (!isDeepStrictEqual(value, wanted))
				return `${pointer} is ${shown(value, secrets)}, expected ${shown(wanted, secrets)}`;
		}
		const missing = found.find(([, value]) => !isPrimitive(value));
		if (missing === undefined) return undefined;
		return `there is no value at ${step.extract[missing[0]]?.pointer ?? ''} to take ${missing[0]} from`;
	}
}

/** The extracted values that are not to be shown, as text. */
export function secretsIn({ extract }: JourneyStep, extracted: AssessedAnswer['extracted']): string[] {
	return Object.entries(extracted)
		.filter(([name]) => extract[name]?.show !== true)
		.map(([, value]) => String(value));
}

type Primitive = string | number | boolean;

function isPrimitive(value: unknown): value is Primitive {
	return (typeof value === 'string' && value !== '') || typeof value === 'number' || typeof value === 'boolean';
}

function parse(bytes: Buffer | undefined): unknown {
	try {
		return bytes === undefined ? undefined : (JSON.parse(bytes.toString('utf8')) as unknown);
	} catch {
		return undefined;
	}
}

/** An extract only: a whole body may hold what must not be stored. Masked before it is cut, or half a secret would be left. */
function shown(value: unknown, secrets: readonly string[]): string {
	if (value === undefined) return 'missing';
	const text = JSON.stringify(redactJson(value, secrets));
	return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
