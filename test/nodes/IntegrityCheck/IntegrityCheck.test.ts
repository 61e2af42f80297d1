import { IntegrityCheck } from '../../../nodes/IntegrityCheck/IntegrityCheck.node';
import { check } from '../../../nodes/IntegrityCheck/operations/check.operation';
import { record } from '../../../nodes/IntegrityCheck/operations/record.operation';
import { fakeExecuteContext, type FakeExecution } from '../../support/fakeExecuteContext';

const CANARY = 'canary-s3cret-4711';

function execution(parameters: Readonly<Record<string, unknown>>): FakeExecution {
	return {
		parameters: {
			...{ operation: 'check', assertions: '[]', statementTimeoutSeconds: 10, largestLossPercent: 1 },
			...parameters,
		},
		// Nobody listens on port 1.
		credentials: {
			postgres: { host: '127.0.0.1', port: 1, database: 'cases', user: 'app', password: CANARY, ssl: 'disable' },
		},
	};
}

test('a database that cannot be reached leaves through Inconclusive, and the password is nowhere', async () => {
	const { context, logged } = fakeExecuteContext(execution({}));
	const outputs = await new IntegrityCheck().execute.call(context);
	expect(outputs).toHaveLength(1);
	expect(outputs[0]?.[0]?.json.integrity).toMatchObject({
		verdict: 'inconclusive',
		reasons: [expect.stringContaining('ECONNREFUSED')],
	});
	expect(JSON.stringify([outputs, logged])).not.toContain(CANARY);
});

test('a record that cannot be made throws, and the password is nowhere', async () => {
	const { context } = fakeExecuteContext(execution({ operation: 'record' }));
	const error: unknown = await new IntegrityCheck().execute.call(context).catch((reason: unknown) => reason);
	expect(error).toBeInstanceOf(Error);
	expect(`${String(error)} ${JSON.stringify(error)}`).not.toContain(CANARY);
});

test.each<[string, Readonly<Record<string, unknown>>, string]>([
	['assertions that are no JSON', { assertions: '[' }, 'The field assertions is not valid: it is not JSON'],
	['an assertion without a query', { assertions: '[{"name":"a","expect":"empty"}]' }, 'assertions.0.sql'],
	['no timeout', { statementTimeoutSeconds: 0 }, 'statementTimeoutSeconds'],
	['more than everything lost', { largestLossPercent: 101 }, 'largestLossPercent'],
])('%s is refused before any credential is used', async (_name, parameters, text) => {
	const { context, asked } = fakeExecuteContext(execution(parameters));
	await expect(new IntegrityCheck().execute.call(context)).rejects.toThrow(text);
	expect(asked).toEqual({});
});

test('the plan is bound to the queries', () => {
	const planOf = (sql: string): unknown => {
		const { context } = fakeExecuteContext(
			execution({ assertions: JSON.stringify([{ name: 'a', sql, expect: 'empty' }]) }),
		);
		return record.plan(record.readParameters(context, 0)).inputs;
	};
	expect(planOf('SELECT 1')).toEqual(planOf('SELECT 1'));
	expect(planOf('SELECT 1')).not.toEqual(planOf('SELECT 2'));
});

test('check judges; record counts as a change, which a resumed release does not repeat', async () => {
	expect([check.kind, record.kind]).toEqual(['verdict', 'change']);
	expect(await record.observe?.({} as never)).toBe('not-done');
});

test('the node is described for the editor: stored values, outputs, credentials and step keys', () => {
	const { description } = new IntegrityCheck();
	const operation = description.properties.find(({ name }) => name === 'operation');
	expect(operation?.options?.map((option) => ('value' in option ? option.value : ''))).toEqual(['check', 'record']);
	expect(description.credentials?.map(({ name }) => name)).toEqual(['postgres', 'releaseLedger']);
	expect(JSON.stringify(description.outputs)).toContain(String.raw`[\"check\"]`);
	expect(description.properties.filter(({ name }) => name === 'stepKey').map((property) => property.default)).toEqual(
		['2.2/integrity-after', '2.2/record-counts'],
	);
});
