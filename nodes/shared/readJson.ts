import type { z } from 'zod';
import { parameterErrors } from '../../lib/support/errors';
import type { ParameterReader } from './operation';

/**
 * A parameter of type JSON, as text or already as an object, checked against its schema. `whenAbsent` stands for one that is empty
 * or that an expression left undefined.
 * @throws RunbookError PARAMETER.INVALID naming the field inside it and the remedy
 */
export function readJson<Schema extends z.ZodTypeAny>(
	context: ParameterReader,
	{
		itemIndex,
		name,
		schema,
		remedy,
		whenAbsent,
	}: { itemIndex: number; name: string; schema: Schema; remedy: string; whenAbsent?: unknown },
): z.output<Schema> {
	const given: unknown = context.getNodeParameter(name, itemIndex, whenAbsent) ?? whenAbsent;
	const raw = given === '' && whenAbsent !== undefined ? whenAbsent : given;
	const parsed = schema.safeParse(typeof raw === 'string' ? parse(raw, { name, remedy }) : raw);
	if (parsed.success) return parsed.data as z.output<Schema>;
	const issue = parsed.error.issues[0];
	const field = [name, ...(issue?.path ?? [])].join('.');
	throw parameterErrors.INVALID({ field, problem: issue?.message ?? 'not of the expected shape', remedy });
}

function parse(text: string, { name, remedy }: { name: string; remedy: string }): unknown {
	try {
		return JSON.parse(text) as unknown;
	} catch (error) {
		throw parameterErrors.INVALID({ field: name, problem: 'it is not JSON', remedy }, error);
	}
}
