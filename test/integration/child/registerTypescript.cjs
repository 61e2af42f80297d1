'use strict';

// Lets a plain Node process load the package's own sources, as the tests do.
const { readFileSync } = require('node:fs');
const { transformSync } = require('@swc/core');

const others = { ...require.extensions };
for (const extension of Object.keys(others)) delete require.extensions[extension];

// First of all, because a node's class and its codex differ in their extension only.
require.extensions['.ts'] = (module, filename) => {
	const { code } = transformSync(readFileSync(filename, 'utf8'), {
		filename,
		jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
		module: { type: 'commonjs', ignoreDynamic: true },
	});
	module._compile(code, filename);
};
delete others['.ts'];
Object.assign(require.extensions, others);
