// `npm test`: static checks, unit tests, then one sandbox (real services and a real n8n) for the integration, workflow and
// end-to-end tests. `npm test -- unit e2e` runs only the steps named. The last lines name what failed and count the tests.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import process from 'node:process';
import { startServing } from './startServing.mjs';

const ROOT = join(import.meta.dirname, '..');
const JEST = [
	'--experimental-vm-modules',
	'--no-warnings',
	join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js'),
	'-c',
	'jest.config.js',
];

/** Each is one test of its own in the count. Linting takes as long as all the others, which run beside it. */
const CHECKS = [
	['lint'],
	[
		'format',
		'types',
		'types of the sandbox',
		'types of the end-to-end tests',
		'workflows:check',
		'workflows:format',
		'docs:check',
	],
];
const SUITES = [
	{ name: 'unit', sandbox: false },
	{ name: 'integration', sandbox: true },
	{ name: 'workflows', sandbox: true },
	{ name: 'e2e', sandbox: true },
	// Each of its files starts a sandbox with an n8n that it kills.
	{ name: 'kill', sandbox: false },
];

const wanted = process.argv.slice(2);
const isWanted = (name) => wanted.length === 0 || wanted.includes(name);
const reports = mkdtempSync(join(tmpdir(), 'deployment-runbook-test-'));
const total = { passed: 0, failed: 0, skipped: 0 };
const failures = [];
let sandbox;

process.on('SIGINT', () => sandbox?.stop());
process.on('SIGTERM', () => sandbox?.stop());

try {
	if (isWanted('checks')) await Promise.all(CHECKS.map(runChecks));
	for (const suite of SUITES.filter(({ name }) => isWanted(name))) {
		if (suite.sandbox) sandbox ??= await startSandbox();
		else await stopSandbox();
		await runSuite(suite);
	}
} finally {
	await stopSandbox();
	rmSync(reports, { recursive: true, force: true });
}
process.exitCode = total.failed === 0 ? 0 : 1;
if (failures.length > 0) console.log(`\nfailed:\n${failures.map((failure) => `  ${failure}`).join('\n')}\n`);
console.log(`${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ''}`);

async function runSuite({ name }) {
	console.log(`\n== ${name} tests`);
	const report = join(reports, `${name}.json`);
	// End-to-end stories change one production and take turns, and so do sandboxes that are killed; the others may use both cores.
	const options = [
		'--selectProjects',
		name,
		'--json',
		'--outputFile',
		report,
		...(['e2e', 'kill'].includes(name) ? ['--runInBand'] : []),
	];
	const env = sandbox ? { SANDBOX_ENDPOINTS: sandbox.endpoints } : {};
	const ok = await runNode([...JEST, ...options], env);
	const results = JSON.parse(readFileSync(report, 'utf8'));
	const { numPassedTests, numFailedTests, numPendingTests, numFailedTestSuites, numTotalTests } = results;
	failures.push(...results.testResults.flatMap(failuresOf));
	// A file that could not be loaded has no tests to count as failed.
	const broken = numFailedTests === 0 ? numFailedTestSuites : 0;
	const ended = !ok && numFailedTests + broken === 0 ? 1 : 0;
	if (ended > 0) failures.push(`${name}: jest ended with an error although no test failed`);
	if (numTotalTests === 0) failures.push(`${name}: no test was found`);
	total.passed += numPassedTests;
	total.failed += numFailedTests + broken + ended + (numTotalTests === 0 ? 1 : 0);
	total.skipped += numPendingTests;
}

/** @returns a line for each test of the file that failed, or one for a file that could not run */
function failuresOf({ name: path, status, message, assertionResults }) {
	const file = relative(ROOT, path);
	const failed = assertionResults.filter((test) => test.status === 'failed');
	if (failed.length === 0 && status === 'failed') return [`${file}: ${message.trim().split('\n')[0]}`];
	return failed.map(({ fullName }) => `${file}: ${fullName}`);
}

/** One after the other. */
async function runChecks(checks) {
	for (const check of checks) {
		const passed = await runNode([join(ROOT, 'scripts', 'verify.mjs'), check]);
		total[passed ? 'passed' : 'failed'] += 1;
		if (!passed) failures.push(`check: ${check}`);
	}
}

async function startSandbox() {
	console.log('\n== starting the sandbox');
	return await startServing(['--n8n']);
}

async function stopSandbox() {
	await sandbox?.stop();
	sandbox = undefined;
}

async function runNode(args, env = {}) {
	const child = spawn(process.execPath, args, {
		cwd: ROOT,
		stdio: ['ignore', 'inherit', 'inherit'],
		env: { ...process.env, ...env },
	});
	return (await new Promise((resolve) => child.once('exit', resolve))) === 0;
}
