// Everything a change must pass that needs no service: format, lint, types, unit tests, exported workflows, generated files.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';

const ROOT = join(import.meta.dirname, '..');
const MODULES = join(ROOT, 'node_modules');

const CHECKS = [
	{ name: 'format', args: [join(MODULES, 'prettier/bin/prettier.cjs'), '--check', '--log-level', 'warn', '.'] },
	{ name: 'lint', args: [join(MODULES, 'eslint/bin/eslint.js'), '--max-warnings', '0', '.'] },
	{ name: 'types', args: [join(MODULES, 'typescript/bin/tsc'), '--noEmit', '-p', 'tsconfig.json'] },
	{
		name: 'types of the sandbox',
		args: [join(MODULES, 'typescript/bin/tsc'), '--noEmit', '-p', 'sandbox/tsconfig.json'],
	},
	{
		name: 'types of the end-to-end tests',
		args: [join(MODULES, 'typescript/bin/tsc'), '--noEmit', '-p', 'test/e2e/tsconfig.json'],
	},
	{
		name: 'unit tests',
		args: [
			'--experimental-vm-modules',
			'--no-warnings',
			join(MODULES, 'jest/bin/jest.js'),
			'-c',
			'jest.config.js',
			'--selectProjects',
			'unit',
			'--silent',
		],
	},
	{ name: 'workflows:check', args: ['scripts/workflows/check.mjs'] },
	{ name: 'workflows:format', args: ['scripts/workflows/format.mjs', '--check'] },
	{ name: 'docs:check', args: ['scripts/docs.mjs', '--check'] },
];

const wanted = process.argv.slice(2);
const failed = CHECKS.filter(({ name }) => wanted.length === 0 || wanted.includes(name)).filter(
	(check) => !passes(check),
);
if (failed.length > 0) {
	console.error(`verify: failed: ${failed.map(({ name }) => name).join(', ')}`);
	process.exitCode = 1;
}

/** Runs one check to its end; all of them run, so that one call tells everything that is wrong. */
function passes({ name, args }) {
	const started = Date.now();
	const { status, error } = spawnSync(process.execPath, args, { cwd: ROOT, stdio: 'inherit' });
	if (error) throw error;
	console.log(`${status === 0 ? '✓' : '✗'} ${name} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
	return status === 0;
}
