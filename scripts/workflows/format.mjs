// Normalises workflows/*.json in place; with --check it only says which files would change.
import { writeFileSync } from 'node:fs';
import process from 'node:process';
import { formatWorkflow } from './normaliseWorkflow.mjs';
import { readWorkflowFiles } from './workflowFiles.mjs';

export { formatWorkflow, normaliseWorkflow } from './normaliseWorkflow.mjs';

if (import.meta.main) formatFiles({ check: process.argv.includes('--check') });

function formatFiles({ check }) {
	const changed = readWorkflowFiles().filter(({ text }) => formatWorkflow(JSON.parse(text)) !== text);
	for (const { file, path, text } of changed) {
		if (!check) writeFileSync(path, formatWorkflow(JSON.parse(text)));
		console.log(`workflows/${file}: ${check ? 'is not normalised: run npm run workflows:format' : 'normalised'}`);
	}
	if (check && changed.length > 0) process.exitCode = 1;
}
