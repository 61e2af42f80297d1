// `npm run bench -- NAME [--json]`: runs bench/NAME.mjs, prints its table and, with --json, one JSON object as the last line.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';

const FOLDER = join(import.meta.dirname, '..', 'bench');
const names = readdirSync(FOLDER)
	.filter((file) => file.endsWith('.mjs'))
	.map((file) => file.slice(0, -4));
const [name = '', ...options] = process.argv.slice(2);
if (names.includes(name)) {
	const { bench } = await import(join(FOLDER, `${name}.mjs`));
	const { rows, figures } = await bench();
	console.table(rows);
	if (options.includes('--json')) console.log(JSON.stringify({ bench: name, ...figures }));
} else {
	console.error(`npm run bench -- NAME [--json]; there are: ${names.join(', ')}`);
	process.exitCode = 1;
}
