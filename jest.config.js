'use strict';

const { existsSync } = require('node:fs');
const path = require('node:path');

/** `await import()` stays an import, so that ESM-only drivers load (jest runs with --experimental-vm-modules). */
const transform = {
	'^.+\\.(ts|mts)$': ['@swc/jest', compiler({})],
	'^.+\\.tsx$': ['@swc/jest', compiler({ tsx: true })],
};

function compiler(syntax) {
	return {
		sourceMaps: 'inline',
		jsc: {
			target: 'es2022',
			parser: { syntax: 'typescript', decorators: false, ...syntax },
			transform: { react: { runtime: 'automatic', importSource: 'preact' } },
			keepClassNames: true,
		},
		module: { type: 'commonjs', ignoreDynamic: true },
	};
}

const base = {
	rootDir: __dirname,
	testEnvironment: 'node',
	transform,
	moduleFileExtensions: ['ts', 'tsx', 'mts', 'js', 'mjs', 'cjs', 'json', 'node'],
	restoreMocks: true,
	setupFilesAfterEnv: ['<rootDir>/test/support/allowSlowTests.ts'],
};

const sandbox = {
	globalSetup: '<rootDir>/test/support/startSandbox.ts',
	globalTeardown: '<rootDir>/test/support/stopSandbox.ts',
};

/** A test process holds exactly one copy of these: the ones that the n8n of the runtime folder uses itself. */
const ONE_COPY = ['n8n-workflow', 'n8n-core', 'n8n-nodes-base', '@n8n/di', 'reflect-metadata'];

function runtimeModules() {
	const runtime = process.env.RUNBOOK_RUNTIME;
	const modules = runtime === undefined ? undefined : path.resolve(runtime, 'node_modules');
	if (modules === undefined || !existsSync(path.join(modules, 'n8n-core'))) return {};
	return {
		moduleNameMapper: Object.fromEntries(
			ONE_COPY.map((name) => [`^${name}(/.*)?$`, `${path.join(modules, name)}$1`]),
		),
	};
}

module.exports = {
	maxWorkers: 2,
	projects: [
		{
			...base,
			displayName: 'unit',
			testMatch: ['lib', 'nodes', 'docs', 'scripts', 'credentials', 'cli', 'bench'].map(
				(part) => `<rootDir>/test/${part}/**/*.test.{ts,tsx}`,
			),
		},
		{
			...base,
			...sandbox,
			displayName: 'integration',
			testMatch: ['<rootDir>/test/integration/**/*.test.ts'],
		},
		{
			...base,
			displayName: 'cluster',
			testMatch: ['integration/kubernetes/*', 'integration/rollout*', 'cluster/*'].map(
				(part) => `<rootDir>/test/${part}.test.ts`,
			),
		},
		{
			...base,
			...sandbox,
			...runtimeModules(),
			displayName: 'workflows',
			setupFiles: ['<rootDir>/test/support/requireRuntime.ts'],
			testMatch: ['<rootDir>/test/workflows/**/*.test.ts'],
		},
		{
			...base,
			displayName: 'e2e',
			setupFilesAfterEnv: ['<rootDir>/test/support/allowReleases.ts'],
			testMatch: ['<rootDir>/test/e2e/**/*.test.ts'],
		},
		{
			...base,
			displayName: 'kill',
			setupFilesAfterEnv: ['<rootDir>/test/support/allowReleases.ts'],
			testMatch: ['<rootDir>/test/kill/*.test.ts'],
		},
		{
			...base,
			displayName: 'kill-table',
			setupFilesAfterEnv: ['<rootDir>/test/support/allowReleases.ts'],
			testMatch: ['<rootDir>/test/kill/table/*.test.ts'],
		},
	],
};
