import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import process from 'node:process';

const ROOT = join(import.meta.dirname, '..', '..');
const require = createRequire(import.meta.url);

/** The name of this package, which is the prefix of its node types. */
export const PACKAGE = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).name;

/**
 * The real node types by name: this package's from dist/, n8n's own from the runtime folder. Each is required when first
 * asked for; undefined when no package has it.
 */
export function loadNodeTypes() {
	const classes = new Map([...ownClasses(), ...baseClasses()]);
	const loaded = new Map();
	return (type) => {
		const found = classes.get(type);
		if (found && !loaded.has(type)) loaded.set(type, new (require(found.file)[found.className])());
		return loaded.get(type);
	};
}

function ownClasses() {
	const { n8n } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
	return n8n.nodes.map((path) => {
		const className = path.split('/').at(-1).replace('.node.js', '');
		return [`${PACKAGE}.${className[0].toLowerCase()}${className.slice(1)}`, { file: join(ROOT, path), className }];
	});
}

function baseClasses() {
	const base = join(process.env.RUNBOOK_RUNTIME ?? '', 'node_modules', 'n8n-nodes-base');
	if (!process.env.RUNBOOK_RUNTIME || !existsSync(base)) {
		throw new Error(
			'RUNBOOK_RUNTIME must name a folder with node_modules/n8n: run this through npm run workflows:check',
		);
	}
	const known = JSON.parse(readFileSync(join(base, 'dist', 'known', 'nodes.json'), 'utf8'));
	return Object.entries(known).map(([name, { className, sourcePath }]) => [
		`n8n-nodes-base.${name}`,
		{ file: join(base, sourcePath), className },
	]);
}
