import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The folder of the exported workflows. */
export const WORKFLOWS = join(import.meta.dirname, '..', '..', 'workflows');

/** The exported workflows as they lie on disk: `{ file, path, text }`, by file name. */
export function readWorkflowFiles(folder = WORKFLOWS) {
	return readdirSync(folder)
		.filter((file) => file.endsWith('.json'))
		.sort()
		.map((file) => ({ file, path: join(folder, file), text: readFileSync(join(folder, file), 'utf8') }));
}
