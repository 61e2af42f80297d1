import { NodeOperationError } from 'n8n-workflow';
import { defineErrors } from '../../../lib/support/runbookError';
import type { CredentialOpener } from '../../../nodes/shared/credentialOpener';
import { text } from '../../../nodes/shared/credentials';
import type { NodeOperations, Operation, OperationContext } from '../../../nodes/shared/operation';
import { runOperations } from '../../../nodes/shared/runOperations';
import { fakeExecuteContext } from '../../support/fakeExecuteContext';

const CANARY = 'canary-s3cret-4711';
const gateErrors = defineErrors('GATE', {
	UNREACHABLE: { message: 'No answer from {url}', why: 'the target at {url} is away', fix: 'Start {url}' },
});

/** A node with one operation, `judge`, that does what `change` says. */
function nodeWith(change: Partial<Operation<unknown>>): NodeOperations {
	const operation: Operation<unknown> = {
		name: 'judge',
		kind: 'verdict',
		description: [],
		readParameters: (context, itemIndex) => ({ limit: context.getNodeParameter('limit', itemIndex, 1) }),
		plan: () => ({ key: '', inputs: null }),
		run: async () => ({ result: {}, verdict: 'passed' }),
		...change,
	};
	return { resultKey: 'metrics', operations: [operation] };
}

function opener(closed: string[] = []): CredentialOpener<{ key: string }> {
	return {
		credential: 'httpApi',
		secrets: (data) => [text(data, 'key')],
		open: async (data) => ({ client: { key: text(data, 'key') }, close: async () => void closed.push('httpApi') }),
	};
}

const judge = { operation: 'judge' };
const withKey = { parameters: judge, credentials: { httpApi: { key: CANARY } } };

describe('outputs', () => {
	it.each([
		['inconclusive', 0],
		['failed', 1],
		['passed', 2],
	] as const)('an item that is %s leaves through output %i', async (verdict, output) => {
		const { context } = fakeExecuteContext({ parameters: judge, items: [{ json: { version: '2' } }] });
		const outputs = await runOperations(
			context,
			nodeWith({ run: async () => ({ result: { rate: 0.5 }, verdict }) }),
		);
		expect(outputs.flatMap((items, index) => items.map((item) => [index, item]))).toEqual([
			[output, { json: { version: '2', metrics: { rate: 0.5, verdict } }, pairedItem: { item: 0 } }],
		]);
	});

	it('a judging operation that gives no verdict leaves as inconclusive', async () => {
		const { context } = fakeExecuteContext({ parameters: judge });
		const outputs = await runOperations(context, nodeWith({ run: async () => ({ result: {} }) }));
		expect(outputs).toEqual([[{ json: { metrics: { verdict: 'inconclusive' } }, pairedItem: { item: 0 } }]]);
	});

	it('every item takes its own output and stays paired with its input', async () => {
		const { context } = fakeExecuteContext({
			parameters: { ...judge, limit: (index: number) => index },
			items: [{ json: {} }, { json: {} }, { json: {} }],
		});
		const run = async ({
			parameters,
		}: OperationContext<unknown>): Promise<{ result: null; verdict: 'passed' | 'failed' }> => {
			const { limit } = parameters as { limit: number };
			return { result: null, verdict: limit === 1 ? 'failed' : 'passed' };
		};
		const outputs = await runOperations(context, nodeWith({ run }));
		expect(outputs.map((items) => items.map(({ pairedItem }) => pairedItem))).toEqual([
			[],
			[{ item: 1 }],
			[{ item: 0 }, { item: 2 }],
		]);
	});

	it('an operation that judges nothing has one output and no verdict', async () => {
		const { context } = fakeExecuteContext({ parameters: judge, items: [{ json: { a: 1 } }] });
		const outputs = await runOperations(
			context,
			nodeWith({ kind: 'observe', run: async () => ({ result: ['x'] }) }),
		);
		expect(outputs).toEqual([[{ json: { a: 1, metrics: { value: ['x'] } }, pairedItem: { item: 0 } }]]);
	});

	it('no input gives no output and touches nothing', async () => {
		const run = jest.fn();
		const { context, asked } = fakeExecuteContext({ parameters: judge, items: [] });
		expect(await runOperations(context, nodeWith({ run }))).toEqual([[]]);
		expect(run).not.toHaveBeenCalled();
		expect(asked).toEqual({});
	});
});

describe('errors', () => {
	const unreachable = {
		run: async () => await Promise.reject(gateErrors.UNREACHABLE({ url: 'https://api.example.com' })),
	};

	it('carry the code, why, and what to do', async () => {
		const { context } = fakeExecuteContext({ parameters: judge });
		const error: unknown = await runOperations(context, nodeWith(unreachable)).catch((caught: unknown) => caught);
		expect(error).toBeInstanceOf(NodeOperationError);
		expect(error).toMatchObject({
			message: 'No answer from https://api.example.com (GATE.UNREACHABLE)',
			description:
				'GATE.UNREACHABLE: the target at https://api.example.com is away. To do: Start https://api.example.com.',
			context: { itemIndex: 0 },
		});
	});

	it('of another kind are marked as unexpected', async () => {
		const { context } = fakeExecuteContext({ parameters: judge });
		const run = async (): Promise<never> => await Promise.reject(new TypeError('x is undefined'));
		await expect(runOperations(context, nodeWith({ run }))).rejects.toMatchObject({
			message: 'x is undefined',
			description: expect.stringContaining('UNEXPECTED') as string,
		});
	});

	it.each(['verdict', 'observe'] as const)(
		'become an item on output 0 under continue-on-fail in a %s operation',
		async (kind) => {
			const { context } = fakeExecuteContext({
				parameters: judge,
				items: [{ json: { release: { id: 'r' } } }],
				continueOnFail: true,
			});
			const outputs = await runOperations(context, nodeWith({ ...unreachable, kind }));
			expect(outputs).toEqual([
				[
					{
						json: { error: 'No answer from https://api.example.com (GATE.UNREACHABLE)' },
						pairedItem: { item: 0 },
					},
				],
			]);
		},
	);

	it('of a change are thrown even under continue-on-fail', async () => {
		const { context } = fakeExecuteContext({ parameters: judge, continueOnFail: true });
		await expect(runOperations(context, nodeWith({ ...unreachable, kind: 'change' }))).rejects.toBeInstanceOf(
			NodeOperationError,
		);
	});

	it('name the operations that exist when the workflow asks for another', async () => {
		const { context } = fakeExecuteContext({ parameters: { operation: 'dance' } });
		await expect(runOperations(context, nodeWith({}))).rejects.toMatchObject({
			message: 'The node has no operation "dance" (PARAMETER.OPERATION_UNKNOWN)',
			description: expect.stringContaining('Choose one of: judge') as string,
		});
	});
});

describe('credentials', () => {
	it('are opened once for all items, handed to the operation, and closed at the end', async () => {
		const closed: string[] = [];
		const http = opener(closed);
		const { context, asked } = fakeExecuteContext({ ...withKey, items: [{ json: {} }, { json: {} }] });
		const seen: unknown[] = [];
		const run = async ({ open }: OperationContext<unknown>): Promise<{ result: null; verdict: 'passed' }> => {
			seen.push(await open(http), [...closed]);
			return { result: null, verdict: 'passed' };
		};
		await runOperations(context, nodeWith({ run }));
		expect({ seen, asked, closed }).toEqual({
			seen: [{ key: CANARY }, [], { key: CANARY }, []],
			asked: { httpApi: 1 },
			closed: ['httpApi'],
		});
	});

	it('are closed after a throw too', async () => {
		const closed: string[] = [];
		const { context } = fakeExecuteContext(withKey);
		const run = async ({ open }: OperationContext<unknown>): Promise<never> => {
			await open(opener(closed));
			throw new Error('later');
		};
		await expect(runOperations(context, nodeWith({ run }))).rejects.toThrow('later');
		expect(closed).toEqual(['httpApi']);
	});

	it('that fail to close do not hide the outcome', async () => {
		const { context } = fakeExecuteContext(withKey);
		const broken = {
			...opener(),
			open: async () => ({ client: {}, close: async () => await Promise.reject(new Error('socket')) }),
		};
		const run = async ({ open }: OperationContext<unknown>): Promise<{ result: null; verdict: 'passed' }> => {
			await open(broken);
			return { result: null, verdict: 'passed' };
		};
		await expect(runOperations(context, nodeWith({ run }))).resolves.toHaveLength(3);
	});

	it('never show their secrets: not in items, errors, or logs', async () => {
		const leak = async (context: OperationContext<unknown>): Promise<string> => {
			const { key } = await context.open(opener());
			context.log(`using ${key}`);
			return `sent ${key} and ${encodeURIComponent(key)}`;
		};
		const passing = fakeExecuteContext(withKey);
		const outputs = await runOperations(
			passing.context,
			nodeWith({
				run: async (context) => ({ result: { deep: [{ text: await leak(context) }] }, verdict: 'passed' }),
			}),
		);
		const failing = fakeExecuteContext(withKey);
		const error: unknown = await runOperations(
			failing.context,
			nodeWith({
				run: async (context) =>
					await Promise.reject(gateErrors.UNREACHABLE({ url: await leak(context) }, new Error(CANARY))),
			}),
		).catch((caught: unknown) => caught);
		const shown = [JSON.stringify(outputs), ...passing.logged, ...failing.logged, inspectDeep(error)].join('\n');
		expect(shown).toContain('***');
		expect(shown).not.toContain(CANARY);
	});
});

describe('cancelling', () => {
	it('the execution aborts the operation’s signal', async () => {
		const cancel = new AbortController();
		const { context } = fakeExecuteContext({ parameters: judge, cancelSignal: cancel.signal });
		const run = async ({ signal }: OperationContext<unknown>): Promise<never> => {
			cancel.abort(new Error('stopped by the operator'));
			signal.throwIfAborted();
			throw new Error('not reached');
		};
		await expect(runOperations(context, nodeWith({ run }))).rejects.toThrow('stopped by the operator');
	});

	it('an operation that outlives its deadline sees its signal aborted', async () => {
		const { context } = fakeExecuteContext({ parameters: judge });
		const run = async ({ signal, clock }: OperationContext<unknown>): Promise<never> => {
			await clock.sleep(60_000, signal);
			throw new Error('not reached');
		};
		await expect(runOperations(context, nodeWith({ run, deadlineMs: () => 5 }))).rejects.toMatchObject({
			message: expect.stringMatching(/abort/i) as string,
		});
	});
});

describe('alone, without a release', () => {
	it('nothing is recorded and no ledger credential is asked for', async () => {
		const { context, asked } = fakeExecuteContext({ parameters: judge });
		const seen: unknown[] = [];
		const run = async ({
			release,
			recorded,
		}: OperationContext<unknown>): Promise<{ result: null; verdict: 'passed' }> => {
			seen.push(release, await recorded('1.2/verify-backup'));
			return { result: null, verdict: 'passed' };
		};
		await runOperations(context, nodeWith({ run }));
		expect({ seen, asked }).toEqual({ seen: [undefined, undefined], asked: {} });
	});
});

/** Everything reachable from an error, as text. */
function inspectDeep(value: unknown, seen = new Set<unknown>()): string {
	if (value === null || typeof value !== 'object' || seen.has(value)) return String(value);
	seen.add(value);
	return Object.getOwnPropertyNames(value)
		.map((name) => `${name}=${inspectDeep((value as Record<string, unknown>)[name], seen)}`)
		.join(';');
}
