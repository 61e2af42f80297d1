import { startTool } from '../../../lib/backup/tool.client';

const start = (script: string, signal = new AbortController().signal) =>
	startTool({
		path: '/bin/sh',
		args: ['-c', script],
		env: { SECRET: 'canary-password' },
		signal,
		secrets: ['canary-password'],
	});

test('a program gets nothing of our environment but what it was given', async () => {
	const tool = start('export -p; env');
	let printed = '';
	for await (const text of tool.stdout.setEncoding('utf8')) printed += String(text);
	expect(printed).toContain('SECRET=canary-password');
	expect(printed).not.toContain('NODE');
	expect(printed).not.toContain('HOME=');
	expect(await tool.exit).toEqual({ code: 0, signal: null, problem: 'it gave no reason' });
});

test('what it complains about comes back without secrets', async () => {
	const tool = start('echo "pg_dump: error: login with $SECRET failed" >&2; exit 3');
	tool.stdout.resume();
	expect(await tool.exit).toEqual({ code: 3, signal: null, problem: 'login with *** failed' });
});

test('an abort ends it with SIGTERM', async () => {
	const abort = new AbortController();
	const tool = start('exec sleep 60', abort.signal);
	tool.stdout.resume();
	abort.abort();
	expect(await tool.exit).toMatchObject({ code: null, signal: 'SIGTERM' });
});

test('one that ignores SIGTERM is killed', async () => {
	const abort = new AbortController();
	const tool = start('trap "" TERM; echo ready; while :; do :; done', abort.signal);
	tool.stdout.once('data', () => abort.abort());
	expect(await tool.exit).toMatchObject({ code: null, signal: 'SIGKILL' });
}, 15_000);

test('an abort before the start still ends it', async () => {
	const tool = start('exec sleep 60', AbortSignal.abort());
	tool.stdout.resume();
	expect(await tool.exit).toMatchObject({ signal: 'SIGTERM' });
});

test('a program that is not there is an exit with its reason, never a crash', async () => {
	const tool = startTool({
		path: '/no/such/program',
		args: [],
		env: {},
		signal: new AbortController().signal,
		secrets: [],
	});
	expect(await tool.exit).toEqual({ code: null, signal: null, problem: 'it could not be started: ENOENT' });
});
