// Writes workflows/README.md from the exported workflows; with --check it only says when it is out of date.
import process from 'node:process';
import { writeGenerated } from '../writeGenerated.mjs';
import { describeWorkflow } from './describeWorkflow.mjs';
import { documentWorkflows } from './documentWorkflows.mjs';
import { loadNodeTypes } from './loadNodeTypes.mjs';
import { readWorkflowFiles } from './workflowFiles.mjs';

const findType = loadNodeTypes();
const set = readWorkflowFiles().map(({ file, text }) => describeWorkflow({ file, json: JSON.parse(text) }, findType));
writeGenerated('workflows/README.md', documentWorkflows(set), { check: process.argv.includes('--check') });
