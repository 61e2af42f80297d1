import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { ErrorDefinition } from '../../lib/support/runbookError';

const ROOT = path.resolve(__dirname, '..', '..');
const LIB = path.join(ROOT, 'lib');

interface Catalogue {
	readonly definitions: Readonly<Record<string, ErrorDefinition>>;
}

/** Every catalogue of every errors.ts. */
async function readCatalogues(): Promise<Catalogue[]> {
	const files = readdirSync(LIB, { recursive: true, encoding: 'utf8' }).filter((file) =>
		/(^|\/)errors\.ts$/.test(file),
	);
	const modules = await Promise.all(
		files.map(async (file) => (await import(path.join(LIB, file))) as Record<string, Catalogue>),
	);
	return modules
		.flatMap((module) => Object.values(module))
		.filter((exported) => typeof exported === 'object' && 'definitions' in exported);
}

let definitions: Array<[string, ErrorDefinition]>;
beforeAll(async () => {
	definitions = (await readCatalogues()).flatMap((catalogue) => Object.entries(catalogue.definitions));
});

it('no code is defined twice', () => {
	const codes = definitions.map(([code]) => code);
	expect(codes.filter((code, index) => codes.indexOf(code) !== index)).toEqual([]);
});

it('every code says what happened, why, and what to do, without a full stop that the texts around it bring', () => {
	const bad = definitions.filter(([, { message, why, fix }]) =>
		[message, why, fix].some((text) => text.trim() === '' || text.endsWith('.')),
	);
	expect(bad.map(([code]) => code)).toEqual([]);
});

it('docs/errors.md lists every code, and no other', () => {
	const documented = [...readFileSync(path.join(ROOT, 'docs', 'errors.md'), 'utf8').matchAll(/^### (\S+)$/gm)].map(
		([, code]) => code,
	);
	expect(documented).toEqual(definitions.map(([code]) => code).sort());
});
