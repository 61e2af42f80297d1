import { userInfo } from 'node:os';
import { rollbackCommand } from '../../cli/rollbackCommand';
import { parseRollbackArguments } from '../../cli/rollbackArguments';

describe('the arguments of the rollback command', () => {
	it('want nothing but the environment', () => {
		expect(parseRollbackArguments(['--environment', 'production'])).toEqual({
			environment: 'production',
			namespace: '',
			kubeconfig: '',
			context: '',
			record: '',
			reason: '',
			person: userInfo().username,
			timeoutMs: 240_000,
			out: 'offline-rollback-production.json',
			yes: false,
		});
	});

	it.each([
		['no environment', [], /--environment/],
		['an environment that is no name', ['--environment', '../x'], /--environment/],
		['a word too many', ['--environment', 'production', 'now'], /now/],
		['an option that does not exist', ['--environment', 'production', '--force'], /--force/],
		['a timeout that is no number', ['--environment', 'production', '--timeout', 'soon'], /--timeout/],
	])('are refused with %s', (_, args, problem) => {
		expect(parseRollbackArguments(args)).toMatch(problem);
	});
});

describe('the rollback command', () => {
	const called = async (args: string[]) => {
		const printed: string[] = [];
		const complained: string[] = [];
		const code = await rollbackCommand(args, {
			env: {},
			signal: new AbortController().signal,
			print: (line) => void printed.push(line),
			complain: (line) => void complained.push(line),
		});
		return { code, printed: printed.join('\n'), complained: complained.join('\n') };
	};

	it('prints its help', async () => {
		expect(await called(['--help'])).toMatchObject({ code: 0, printed: expect.stringContaining('--kubeconfig') });
	});

	it('ends with 2 and its help when it is called wrongly', async () => {
		expect(await called([])).toMatchObject({ code: 2, complained: expect.stringContaining('--environment NAME') });
	});
});
