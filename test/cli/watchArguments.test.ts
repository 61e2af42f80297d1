import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseLedger, parseWatchArguments } from '../../cli/watchArguments';
import { watchCommand } from '../../cli/watchCommand';

const PASSWORD = 'canary-password-4711';

describe('the arguments of the watch command', () => {
	it('want nothing but the settings', () => {
		expect(parseWatchArguments(['--settings', 'settings.json'])).toEqual({
			settings: 'settings.json',
			forMs: 55_000,
			name: 'second-watcher',
			kubeconfig: '',
			context: '',
			timeoutMs: 240_000,
		});
	});

	it.each([
		['no settings', [], /--settings/],
		['the name of the watch in n8n', ['--settings', 'a', '--name', 'n8n'], /--name/],
		['a duration that is none', ['--settings', 'a', '--for', 'ever'], /--for/],
		['a timeout of 0', ['--settings', 'a', '--timeout', '0'], /--timeout/],
		['an option that does not exist', ['--settings', 'a', '--force'], /--force/],
	])('are refused with %s', (_name, args, problem) => {
		expect(parseWatchArguments(args)).toMatch(problem);
	});

	it('take the ledger from libpq’s variables, encrypted and checked unless told otherwise', () => {
		const env = { PGHOST: 'ledger', PGDATABASE: 'operations', PGUSER: 'watcher', PGPASSWORD: PASSWORD };
		const connection = { host: 'ledger', port: 5432, database: 'operations', user: 'watcher', password: PASSWORD };
		expect(parseLedger(env)).toEqual({ ...connection, ssl: 'verify-full' });
		expect(parseLedger({ ...env, PGPORT: '6432', PGSSLMODE: 'disable' })).toEqual({
			...connection,
			port: 6432,
			ssl: 'disable',
		});
		expect(parseLedger({ PGHOST: 'ledger' })).toMatch(/PGDATABASE/);
		expect(parseLedger({ ...env, PGPORT: 'x' })).toMatch(/PGPORT/);
		expect(parseLedger({ ...env, PGSSLMODE: 'prefer' })).toMatch(/PGSSLMODE/);
	});
});

describe('the watch command', () => {
	let folder: string;
	beforeEach(async () => void (folder = await mkdtemp(path.join(tmpdir(), 'watch-command-'))));
	afterEach(async () => await rm(folder, { recursive: true }));

	const called = async (args: string[], env: Record<string, string> = {}) => {
		const said: string[] = [];
		const say = (line: string): void => void said.push(line);
		const { signal } = new AbortController();
		const code = await watchCommand(args, { env, signal, print: say, complain: say });
		expect(said.join('\n')).not.toContain(PASSWORD);
		return { code, said: said.join('\n') };
	};
	const ledger = { PGHOST: '127.0.0.1', PGPORT: '1', PGDATABASE: 'd', PGUSER: 'u', PGPASSWORD: PASSWORD };

	it('prints its help', async () => {
		expect(await called(['--help'])).toMatchObject({ code: 0, said: expect.stringContaining('PGHOST') });
	});

	it.each<[string, string | undefined, RegExp]>([
		['that are away', undefined, /cannot be read/],
		['that are not JSON', '{', /not JSON/],
		['without an environment', '[]', /there is no environment/],
		['with a policy that is wrong', '{"environment":"production"}', /settings\.json: 0?\.?\w+/],
	])('ends with 2 for settings %s', async (_name, text, problem) => {
		const file = path.join(folder, 'settings.json');
		if (text !== undefined) await writeFile(file, text);
		const { code, said } = await called(['--settings', file], ledger);
		expect(code).toBe(2);
		expect(said).toMatch(problem);
	});

	it('ends with 2 when nobody says where the ledger is', async () => {
		const file = path.join(folder, 'settings.json');
		await writeFile(file, '[]');
		expect(await called(['--settings', file])).toMatchObject({ code: 2, said: expect.stringContaining('PGHOST') });
	});
});
