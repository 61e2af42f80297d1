import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import process from 'node:process';

const ROOT = join(import.meta.dirname, '..');

/** Writes a generated file, or with `check` says that it is out of date and makes the process fail. */
export function writeGenerated(path, text, { check }) {
	const file = join(ROOT, path);
	if (existsSync(file) && readFileSync(file, 'utf8') === text) return;
	if (check) {
		console.log(`${relative(ROOT, file)}: is out of date: run npm run docs`);
		process.exitCode = 1;
		return;
	}
	mkdirSync(dirname(file), { recursive: true });
	writeFileSync(file, text);
	console.log(`${relative(ROOT, file)}: written`);
}
