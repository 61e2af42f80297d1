import { recordIntegrity } from '../../../lib/integrity/recordIntegrity';
import { targetPostgres } from '../../shared/credentials';
import { fieldsOf } from '../../shared/describeOperations';
import type { Operation } from '../../shared/operation';
import { assertionFields, readAssertionParameters, type AssertionParameters } from '../assertionFields';

/**
 * Writes down what is there before the migration. It only reads the database; it counts as a change so that a resumed release keeps
 * the first record: what was before can not be counted any more once the migration has run.
 */
export const record: Operation<AssertionParameters> = {
	name: 'record',
	kind: 'change',
	description: fieldsOf('record', assertionFields),
	readParameters: readAssertionParameters,
	plan: ({ assertions }) => ({
		key: '',
		inputs: { assertions: assertions.map(({ name, sql, expect }) => ({ name, sql, expect })) },
	}),
	prepare: async () => await Promise.resolve({ inverse: null }),
	// Nothing was changed by a run that was cut short.
	observe: async () => await Promise.resolve('not-done'),
	run: async ({ parameters, open, signal }) => {
		const { counts, values } = await recordIntegrity(await open(targetPostgres), { ...parameters, signal });
		return { result: { counts: { ...counts }, values: { ...values } } };
	},
};
