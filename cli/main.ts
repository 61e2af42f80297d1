#!/usr/bin/env node
import { createInterface } from 'node:readline/promises';
import { rollbackCommand } from './rollbackCommand';

const USAGE = `Usage: n8n-nodes-deployment-runbook rollback --help`;

/** The command line, for the night in which n8n itself is down. */
async function main([command, ...rest]: readonly string[]): Promise<number> {
	if (command !== 'rollback') {
		process.stderr.write(`${USAGE}\n`);
		return 2;
	}
	const stop = new AbortController();
	process.once('SIGINT', () => stop.abort(new Error('interrupted')));
	return await rollbackCommand(rest, {
		env: process.env,
		signal: stop.signal,
		print: (line) => void process.stdout.write(`${line}\n`),
		complain: (line) => void process.stderr.write(`${line}\n`),
		...(process.stdin.isTTY ? { ask: async (question) => await ask(question, stop.signal) } : {}),
	});
}

async function ask(question: string, signal: AbortSignal): Promise<string> {
	const terminal = createInterface({ input: process.stdin, output: process.stdout });
	try {
		return await terminal.question(question, { signal });
	} finally {
		terminal.close();
	}
}

main(process.argv.slice(2)).then(
	(code) => {
		process.exitCode = code;
	},
	(error: unknown) => {
		process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
		process.exitCode = 1;
	},
);
