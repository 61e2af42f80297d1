import { existsSync } from 'node:fs';
import path from 'node:path';

const runtime = process.env.RUNBOOK_RUNTIME;
if (runtime === undefined || !existsSync(path.join(runtime, 'node_modules', 'n8n-core'))) {
	throw new Error(
		`RUNBOOK_RUNTIME must name a folder with node_modules/n8n (it is ${runtime === undefined ? 'not set' : `"${runtime}"`}): run these tests through npm test`,
	);
}
