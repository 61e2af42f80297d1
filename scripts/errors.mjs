// Writes docs/errors.md from the error catalogues of the built package; with --check it only says when it is out of date.
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import process from 'node:process';
import { documentErrors } from './documentErrors.mjs';
import { writeGenerated } from './writeGenerated.mjs';

const LIB = join(import.meta.dirname, '..', 'dist', 'lib');
const require = createRequire(import.meta.url);

writeGenerated('docs/errors.md', documentErrors(readDefinitions()), { check: process.argv.includes('--check') });

/** All definitions by code. A code that two catalogues define would leave an operator with the wrong remedy. */
function readDefinitions() {
	const files = readdirSync(LIB, { recursive: true })
		.filter((file) => /(^|\/)errors\.js$/.test(file))
		.sort();
	const catalogues = files
		.flatMap((file) => Object.values(require(join(LIB, file))))
		.filter((exported) => exported?.definitions);
	const entries = catalogues.flatMap(({ definitions }) => Object.entries(definitions));
	const twice = entries.find(([code], index) => entries.findIndex(([other]) => other === code) !== index);
	if (twice) throw new Error(`the code ${twice[0]} is defined twice`);
	return Object.fromEntries(entries);
}
