// `npm run test:kill`: kills n8n at every step of a release and of its rollback, one row after the other, and tests that the
// ledger and the world agree. `npm run test:kill -- "after 3.2/" --mode queue --at-once 6` runs only the rows whose name holds one of
// the words, kills the workers of queue mode instead, and kills so many rows at once.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';

const ROOT = join(import.meta.dirname, '..');
const MODES = ['regular', 'queue'];

const { values, positionals: words } = parseArgs({
	allowPositionals: true,
	options: {
		mode: { type: 'string', multiple: true, default: ['regular'] },
		'at-once': { type: 'string', default: '1' },
	},
});
const { mode: modes } = values;
const atOnce = Number(values['at-once']);
const wrong = modes.find((mode) => !MODES.includes(mode));
if (wrong !== undefined) fail(`--mode is ${MODES.join(' or ')}, not ${wrong}`);
if (!Number.isInteger(atOnce) || atOnce < 1) fail(`--at-once is a whole number, not ${values['at-once']}`);

const child = spawn(
	process.execPath,
	[
		'--experimental-vm-modules',
		'--no-warnings',
		join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js'),
		...['-c', 'jest.config.js', '--selectProjects', 'kill-table', '--runInBand', '--verbose'],
	],
	{ cwd: ROOT, stdio: 'inherit', env: { ...process.env, KILL_TABLE: JSON.stringify({ modes, words, atOnce }) } },
);
process.exitCode = await new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 1)));

function fail(message) {
	console.error(message);
	process.exit(1);
}
