import { fileURLToPath } from 'node:url';
import { run } from 'node:test';
import { junit } from 'node:test/reporters';

/** The application's own suites, as `npm run <name>` would run them in its image. */
const suites: Readonly<Record<string, string>> = {
	'test:critical-path:alone': fileURLToPath(new URL('criticalPathAlone.suite.ts', import.meta.url)),
	'test:smoke': fileURLToPath(new URL('smoke.suite.ts', import.meta.url)),
};

/** Runs a suite in this process: JUnit XML on the output, exit code 1 when a test failed, 2 for a suite that is not there. */
export function runSuite(name: string): void {
	const file = suites[name];
	if (!file) {
		console.error(`there is no suite ${name}`);
		process.exit(2);
	}
	const events = run({ files: [file], isolation: 'none', concurrency: false });
	events.on('test:fail', () => (process.exitCode = 1));
	const report = events.compose(junit);
	report.pipe(process.stdout);
	// The runner ends when nothing is left to do; the channel to the kubelet would be.
	process.channel?.unref();
}
