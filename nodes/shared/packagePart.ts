import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PlanPart } from '../../lib/release/ledger';

/** Written by the build beside the compiled files: a hash over every source. */
const STAMP = join(__dirname, '..', '..', '.stamp');

/** This package as one part of a release's plan: a release is not resumed by another version of it. */
export function packagePart(): PlanPart {
	return { part: 'package', hash: readStamp() };
}

function readStamp(): string {
	try {
		return readFileSync(STAMP, 'utf8').trim();
	} catch {
		// Run from the sources, as the tests do.
		return 'sources';
	}
}
