// Checks workflows/*.json against the real node types and the rules of the house; one line a finding, exit 1 when there are any.
import process from 'node:process';
import { checkWorkflows } from './checkWorkflows.mjs';
import { loadNodeTypes } from './loadNodeTypes.mjs';
import { readWorkflowFiles } from './workflowFiles.mjs';

const files = readWorkflowFiles().map(({ file, text }) => ({ file, json: JSON.parse(text) }));
const findings = checkWorkflows(files, loadNodeTypes());
for (const { file, node, rule, message } of findings) console.log(`${file}: ${node}: ${rule}: ${message}`);
console.log(`${files.length} workflows, ${findings.length} findings`);
if (findings.length > 0 || files.length === 0) process.exitCode = 1;
