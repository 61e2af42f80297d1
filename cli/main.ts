#!/usr/bin/env node
import { createInterface } from 'node:readline/promises';
import { rollbackCommand, type Terminal } from './rollbackCommand';
import { watchCommand } from './watchCommand';

const USAGE = `Usage: n8n-nodes-deployment-runbook rollback --help
       n8n-nodes-deployment-runbook watch --help`;

const COMMANDS: Readonly<Record<string, (args: readonly string[], terminal: Terminal) => Promise<number>>> = {
	rollback: rollbackCommand,
	watch: watchCommand,
};

/** The command line, for the night in which n8n itself is down. */
async function main([name = '', ...rest]: readonly string[]): Promise<number> {
	const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
	if (command === undefined) {
		process.stderr.write(`${USAGE}\n`);
		return 2;
	}
	const stop = new AbortController();
	for (const signal of ['SIGINT', 'SIGTERM'] as const)
		process.once(signal, () => stop.abort(new Error('interrupted')));
	return await command(rest, {
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
