// Compiles the package into dist/ and copies icons and codex files; does nothing when dist/ was built from these very sources.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';

const ROOT = join(import.meta.dirname, '..');
const DIST = join(ROOT, 'dist');
const SOURCES = [
	'cli',
	'credentials',
	'lib',
	'nodes',
	'gulpfile.js',
	'package.json',
	'tsconfig.build.json',
	'tsconfig.json',
];

const hash = hashOf(SOURCES);
const stamp = join(DIST, '.stamp');
if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) process.exit(0);

// Built aside and renamed: whoever reads dist/ meanwhile sees a whole package. It lies beside dist/, for source maps are relative.
const partial = join(ROOT, `dist-partial-${process.pid}`);
removeAbandoned();
try {
	mkdirSync(partial);
	runTool('typescript/bin/tsc', ['-p', 'tsconfig.build.json', '--outDir', partial]);
	runTool('gulp/bin/gulp.js', ['--silent', 'build:assets'], { BUILD_OUTPUT: partial });
	writeFileSync(join(partial, '.stamp'), hash);
	rmSync(DIST, { recursive: true, force: true });
	renameSync(partial, DIST);
} finally {
	rmSync(partial, { recursive: true, force: true });
}

function runTool(tool, args, env = {}) {
	const command = [join(ROOT, 'node_modules', tool), ...args];
	const { status, error } = spawnSync(process.execPath, command, {
		cwd: ROOT,
		stdio: 'inherit',
		env: { ...process.env, ...env },
	});
	if (error) throw error;
	if (status === 0) return;
	console.error(`build: ${tool} ended with ${status}`);
	rmSync(partial, { recursive: true, force: true });
	process.exit(status ?? 1);
}

/** What an interrupted build left behind. */
function removeAbandoned() {
	for (const name of readdirSync(ROOT).filter((entry) => entry.startsWith('dist-partial-'))) {
		if (!existsSync(`/proc/${name.slice('dist-partial-'.length)}`))
			rmSync(join(ROOT, name), { recursive: true, force: true });
	}
}

/** A hash of names and contents, in a fixed order. */
function hashOf(entries) {
	const digest = createHash('sha256');
	const files = entries.flatMap((entry) => listFiles(entry)).sort();
	for (const file of files)
		digest
			.update(`${file}\0`)
			.update(readFileSync(join(ROOT, file)))
			.update('\0');
	return digest.digest('hex');
}

function listFiles(entry) {
	if (entry.includes('.')) return [entry];
	if (!existsSync(join(ROOT, entry))) return [];
	const found = readdirSync(join(ROOT, entry), { recursive: true, withFileTypes: true });
	return found.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name).slice(ROOT.length + 1));
}
