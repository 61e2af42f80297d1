// Every npm script starts here: plain JavaScript that Node 20 runs with nothing installed. It makes the machine ready
// (system packages, dependencies, the n8n runtime with its Node 24) and then runs the real script on Node 24.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
	existsSync,
	mkdirSync,
	readFileSync,
	rmSync,
	writeFileSync,
	copyFileSync,
	renameSync,
	readdirSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
const CACHE = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'n8n-nodes-deployment-runbook');

/** What each npm script runs, and whether it needs the sandbox's system packages. */
const SCRIPTS = {
	bench: { file: 'scripts/bench.mjs', sandbox: true, build: true },
	build: { file: 'scripts/build.mjs' },
	demo: { file: 'sandbox/demo.ts', sandbox: true, build: true },
	docs: { file: 'scripts/docs.mjs', build: true },
	screenshot: { file: 'sandbox/screenshot.ts', sandbox: true, build: true, chromium: true },
	start: { file: 'sandbox/start.ts', sandbox: true, build: true },
	test: { file: 'scripts/test.mjs', sandbox: true, build: true },
	'test:cluster': { file: 'scripts/testCluster.mjs', sandbox: true },
	'test:kill': { file: 'scripts/testKill.mjs', sandbox: true, build: true },
	verify: { file: 'scripts/verify.mjs', build: true },
	'workflows:check': { file: 'scripts/workflows/check.mjs', build: true },
	'workflows:format': { file: 'scripts/workflows/format.mjs' },
};

const SYSTEM_PACKAGES = [
	{ package: 'postgresql', present: () => postgresFolders().length > 0 },
	{
		package: 'postgresql-client',
		present: () => onPath('pg_dump') || postgresFolders().some((folder) => existsSync(join(folder, 'pg_dump'))),
	},
	{ package: 'redis-server', present: () => onPath('redis-server') },
];
const CHROMIUM = { package: 'chromium', present: () => onPath('chromium') };

const name = process.argv[2] ?? '';
const script = SCRIPTS[name];
if (!script) fail(`unknown script "${name}"; there are: ${Object.keys(SCRIPTS).join(', ')}`);
if (process.platform !== 'linux') fail('the sandbox runs on Linux (Debian 12)');

await installSystemPackages([...(script.sandbox ? SYSTEM_PACKAGES : []), ...(script.chromium ? [CHROMIUM] : [])]);
await installDependencies();
const runtime = await installInto(
	'runtime',
	join(ROOT, 'sandbox', 'runtime'),
	[],
	'n8n 2.41.1 and Node 24, about 3 GB; the first time takes some minutes',
);
const packageFolder = await installInto(
	'package',
	ROOT,
	['--omit=dev', '--omit=peer'],
	"the package's own dependencies",
);
const environment = {
	...process.env,
	RUNBOOK_RUNTIME: runtime,
	RUNBOOK_PACKAGE_DEPENDENCIES: packageFolder,
	RUNBOOK_CACHE: CACHE,
	PATH: `${join(runtime, 'node_modules', `node-linux-${process.arch}`, 'bin')}${delimiter}${process.env.PATH ?? ''}`,
};
const node24 = join(runtime, 'node_modules', `node-linux-${process.arch}`, 'bin', 'node');
if (script.build) await run(node24, [join(ROOT, 'scripts', 'build.mjs')], { env: environment });
process.exitCode = await spawnOnNode24([join(ROOT, script.file), ...process.argv.slice(3)]);

async function installSystemPackages(wanted) {
	const missing = wanted.filter(({ present }) => !present()).map((entry) => entry.package);
	if (missing.length === 0) return;
	const command = `apt-get install -y --no-install-recommends ${missing.join(' ')}`;
	if (process.getuid?.() !== 0 || !onPath('apt-get'))
		fail(`missing system packages; install them with: sudo ${command}`);
	// Run level 1 keeps Debian from starting the services it installs: the sandbox starts its own.
	const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
	say(`installing system packages: ${missing.join(', ')}`);
	await run('apt-get', ['update', '-qq'], { env, quiet: true });
	await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...missing], { env, quiet: true });
}

async function installDependencies() {
	const stamp = join(ROOT, 'node_modules', '.deployment-runbook-stamp');
	const hash = hashOf([join(ROOT, 'package-lock.json')]);
	if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return;
	say('installing development dependencies (npm install, as locked)');
	await run('npm', ['install', '--no-save', '--ignore-scripts', '--loglevel=error'], { cwd: ROOT });
	writeFileSync(stamp, hash);
}

/** Installs a lock file once per content into the cache, into a .partial folder that is renamed when complete. */
async function installInto(kind, source, options, what) {
	const files = ['package.json', 'package-lock.json'];
	const target = join(CACHE, `${kind}-${hashOf(files.map((file) => join(source, file))).slice(0, 16)}`);
	if (existsSync(target)) return target;
	mkdirSync(CACHE, { recursive: true });
	const unlock = await lock(`${target}.lock`);
	try {
		if (existsSync(target)) return target;
		const partial = `${target}.partial`;
		rmSync(partial, { recursive: true, force: true });
		mkdirSync(partial);
		for (const file of files) copyFileSync(join(source, file), join(partial, file));
		say(`installing ${what}`);
		await run('npm', ['install', '--no-save', '--ignore-scripts', '--loglevel=error', ...options], {
			cwd: partial,
			progress: true,
		});
		renameSync(partial, target);
		return target;
	} finally {
		unlock();
	}
}

/** Waits for another run that installs the same thing. A lock whose owner is gone is taken over. */
async function lock(file) {
	for (let waited = 0; ; waited += 1) {
		try {
			writeFileSync(file, String(process.pid), { flag: 'wx' });
			return () => rmSync(file, { force: true });
		} catch (error) {
			if (error.code !== 'EEXIST') throw error;
		}
		const owner = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
		if (owner > 0 && !isAlive(owner)) rmSync(file, { force: true });
		if (waited % 15 === 0) say('another run is installing the same; waiting for it');
		await new Promise((resolve) => setTimeout(resolve, 1000));
	}
}

function isAlive(pid) {
	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		return error.code === 'EPERM';
	}
}

async function run(command, args, { env = process.env, cwd = ROOT, quiet = false, progress = false } = {}) {
	const started = Date.now();
	const child = spawn(command, args, { cwd, env, stdio: ['ignore', quiet ? 'ignore' : 'inherit', 'inherit'] });
	const timer = progress
		? setInterval(() => say(`… ${Math.round((Date.now() - started) / 1000)} s`), 20_000)
		: undefined;
	const code = await exitOf(child);
	clearInterval(timer);
	if (code !== 0) fail(`${command} ${args.join(' ')} ended with ${code}`);
}

async function spawnOnNode24(args) {
	const child = spawn(node24, args, { cwd: ROOT, env: environment, stdio: 'inherit' });
	return await exitOf(child);
}

/** Resolves with the exit code. Signals are left to the child (a terminal sends Ctrl-C to both), so that it can clean up. */
async function exitOf(child) {
	const pass = (signal) => child.kill(signal);
	const ignore = () => undefined;
	process.on('SIGINT', process.stdin.isTTY ? ignore : pass);
	process.on('SIGTERM', pass);
	const code = await new Promise((resolve, reject) => {
		child.on('error', reject);
		child.on('exit', (exitCode, signal) => resolve(exitCode ?? (signal === 'SIGINT' ? 130 : 1)));
	});
	process.removeAllListeners('SIGINT');
	process.removeAllListeners('SIGTERM');
	return code;
}

function postgresFolders() {
	const base = '/usr/lib/postgresql';
	if (!existsSync(base)) return [];
	return readdirSync(base)
		.map((version) => join(base, version, 'bin'))
		.filter((folder) => existsSync(join(folder, 'initdb')));
}

function onPath(program) {
	return (process.env.PATH ?? '')
		.split(delimiter)
		.some((folder) => folder !== '' && existsSync(join(folder, program)));
}

function hashOf(files) {
	const hash = createHash('sha256');
	for (const file of files) hash.update(readFileSync(file));
	return hash.digest('hex');
}

function say(message) {
	process.stderr.write(`${message}\n`);
}

function fail(message) {
	say(`npm run ${name}: ${message}`);
	process.exit(1);
}
