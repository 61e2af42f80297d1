'use strict';

const { dest, parallel, src, task } = require('gulp');

/** Where the compiled package goes; the build script compiles into a folder of its own and renames it when complete. */
const output = process.env.BUILD_OUTPUT ?? 'dist';

/** Icons and codex files: n8n looks for them beside the compiled node. */
function nodeAssets() {
	return src('nodes/**/*.{svg,json}', { encoding: false }).pipe(dest(`${output}/nodes`));
}

function credentialAssets() {
	return src('credentials/**/*.svg', { encoding: false, allowEmpty: true }).pipe(dest(`${output}/credentials`));
}

task('build:assets', parallel(nodeAssets, credentialAssets));
