import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import js from '@eslint/js';
import n8nNodesBase from 'eslint-plugin-n8n-nodes-base';
import tseslint from 'typescript-eslint';

/** What plain Node scripts find without importing it. */
const NODE_GLOBALS = Object.fromEntries(
	[
		'AbortController',
		'AbortSignal',
		'Buffer',
		'URL',
		'URLSearchParams',
		'clearInterval',
		'clearTimeout',
		'console',
		'fetch',
		'performance',
		'process',
		'setImmediate',
		'setInterval',
		'setTimeout',
		'structuredClone',
		'TextDecoder',
		'TextEncoder',
	].map((name) => [name, 'readonly']),
);
const COMMONJS_GLOBALS = { __dirname: 'readonly', module: 'writable', require: 'readonly' };

const DRIVERS = '^(pg|ioredis|undici|@kubernetes/client-node|@aws-sdk/.*|@prisma/.*|(node:)?child_process)$';
const N8N_ENGINE = {
	regex: '^(n8n-core|n8n-nodes-base|@n8n/di)(/|$)',
	message: 'The engine of n8n is for tests only.',
};
const N8N = { regex: '^n8n-', message: 'The domain compiles without n8n: only nodes/ and credentials/ know it.' };
const DRIVER = {
	regex: DRIVERS,
	allowTypeImports: true,
	message: 'Drivers belong in a *.client.ts file or in lib/support.',
};
const SANDBOX = {
	regex: '(^|/)(sandbox|test|bench|scripts)/',
	message: 'The product never imports its sandbox, tests or scripts.',
};
const NODES = { regex: '^(\\.\\./)+(nodes|credentials)/', message: 'lib never imports nodes: nodes → lib.' };

/** A block of the import rule: what the files may not import, statically or with import(). */
function restrictImports(name, { files, ignores = [], patterns }) {
	return {
		name: `imports/${name}`,
		files,
		ignores,
		rules: {
			'@typescript-eslint/no-restricted-imports': ['error', { patterns }],
			'no-restricted-syntax': [
				'error',
				...patterns.map(({ regex, message }) => ({
					selector: `ImportExpression[source.value=/${regex.replaceAll('/', '\\/')}/]`,
					message,
				})),
			],
		},
	};
}

const domains = readdirSync(join(import.meta.dirname, 'lib'), { withFileTypes: true }).filter(
	(entry) => entry.isDirectory() && entry.name !== 'support',
);
/** Approvals and the watch are about releases: they know the ledger's words, and nothing else of it. */
const NEIGHBOURS = { approval: '\\.\\./release/(gate|model)$', watch: '\\.\\./release/(watchStore|model)$' };
const domainImports = domains.flatMap(({ name }) => {
	const message = `lib/${name} imports lib/support and itself; where domains meet they hold ports, and nodes/ wires them.`;
	// A file in a folder of its own reaches its domain by one more step up.
	return [
		{ files: `lib/${name}/*`, up: '' },
		{ files: `lib/${name}/*/**/*`, up: '\\.\\./' },
	].flatMap(({ files, up }) => {
		const neighbour = NEIGHBOURS[name] === undefined ? '' : `(?!${up}${NEIGHBOURS[name]})`;
		const own = { regex: `^${neighbour}${up}\\.\\./(?!support/|\\.\\./)`, message };
		const common = [N8N, SANDBOX, NODES, own];
		return [
			restrictImports(`${files}`, {
				files: [`${files}.{ts,tsx}`],
				ignores: ['**/*.client.ts'],
				patterns: [...common, DRIVER],
			}),
			restrictImports(`${files}.client`, { files: [`${files}.client.ts`], patterns: common }),
		];
	});
});

export default tseslint.config(
	{
		ignores: [
			'dist/',
			'dist-partial-*/',
			'node_modules/',
			'coverage/',
			'.build/',
			'sandbox/runtime/',
			'demo-output/',
		],
	},
	js.configs.recommended,
	{
		files: ['**/*.{ts,tsx}'],
		extends: [tseslint.configs.strictTypeChecked],
		languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
		rules: {
			'@typescript-eslint/consistent-type-imports': [
				'error',
				{ fixStyle: 'inline-type-imports', disallowTypeAnnotations: false },
			],
			'@typescript-eslint/explicit-module-boundary-types': 'error',
			'@typescript-eslint/prefer-readonly': 'error',
			'@typescript-eslint/switch-exhaustiveness-check': 'error',
			'@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
			// An interface asks for a promise where an implementation has nothing to wait for.
			'@typescript-eslint/require-await': 'off',
			'@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
			'@typescript-eslint/no-confusing-void-expression': [
				'error',
				{ ignoreArrowShorthand: true, ignoreVoidOperator: true },
			],
			// The text of an error decides nothing, and what n8n and JSON hand over is wider than its type says.
			'@typescript-eslint/no-unnecessary-condition': 'off',
			'@typescript-eslint/no-unnecessary-type-parameters': 'off',
			'@typescript-eslint/no-extraneous-class': 'off',
			// Contexts and ports are interfaces of plain functions; taking one out of them is how they are used.
			'@typescript-eslint/unbound-method': 'off',
			'@typescript-eslint/use-unknown-in-catch-callback-variable': 'error',
			'@typescript-eslint/return-await': ['error', 'error-handling-correctness-only'],
			eqeqeq: 'error',
		},
	},
	{
		files: ['**/*.mjs'],
		languageOptions: { globals: NODE_GLOBALS },
	},
	{
		files: ['*.js', '**/*.cjs'],
		languageOptions: { sourceType: 'commonjs', globals: { ...NODE_GLOBALS, ...COMMONJS_GLOBALS } },
	},
	{
		files: ['test/**/*.ts'],
		rules: {
			// jest's matchers are typed any.
			'@typescript-eslint/no-unsafe-assignment': 'off',
			'@typescript-eslint/no-non-null-assertion': 'off',
		},
	},
	{
		files: ['nodes/**/*.ts'],
		plugins: { 'n8n-nodes-base': n8nNodesBase },
		rules: {
			...n8nNodesBase.configs.nodes.rules,
			// These want n8n's own spelling of enum members, and one output where verdict nodes have three.
			'n8n-nodes-base/node-class-description-inputs-wrong-regular-node': 'off',
			'n8n-nodes-base/node-class-description-inputs-wrong-trigger-node': 'off',
			'n8n-nodes-base/node-class-description-outputs-wrong': 'off',
			'n8n-nodes-base/node-class-description-missing-subtitle': 'error',
			// Reads a light and a dark icon as no icon.
			'n8n-nodes-base/node-class-description-icon-not-svg': 'off',
			// Would have credentials end in "Api"; most of ours are no HTTP API.
			'n8n-nodes-base/node-class-description-credentials-name-unsuffixed': 'off',
			'n8n-nodes-base/node-execute-block-missing-continue-on-fail': 'off',
			'n8n-nodes-base/node-execute-block-wrong-error-thrown': 'off',
			// A parameter's type is wider than what its kind of field can hold.
			'@typescript-eslint/no-base-to-string': 'off',
		},
	},
	...domainImports,
	restrictImports('lib/support', {
		files: ['lib/support/**/*.ts'],
		patterns: [N8N, SANDBOX, NODES, { regex: '^\\.\\./', message: 'lib/support imports nothing of the domains.' }],
	}),
	restrictImports('nodes', {
		files: ['nodes/**/*.ts', 'credentials/**/*.ts'],
		patterns: [N8N_ENGINE, SANDBOX, DRIVER],
	}),
	restrictImports('cli', {
		files: ['cli/**/*.ts'],
		patterns: [
			{ ...N8N, message: 'The command works without n8n.' },
			SANDBOX,
			// What the watch measures knows nothing of n8n: both watchers measure the same.
			{
				...NODES,
				regex: '^(\\.\\./)+(nodes|credentials)/(?!ReleaseWatch/(environmentSettings|measureEnvironment)$)',
			},
			DRIVER,
		],
	}),
	restrictImports('sandbox', {
		files: ['sandbox/**/*.ts'],
		patterns: [{ regex: '(^|/)(test|bench)/', message: 'The sandbox stands without the tests.' }],
	}),
);
