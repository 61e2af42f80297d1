import { parameterErrors } from '../../lib/support/errors';

/** PARAMETER.INVALID: which field, what is wrong with it, and what to do. */
export function invalidField(field: string, problem: string, remedy: string): Error {
	return parameterErrors.INVALID({ field, problem, remedy });
}
