import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { obeyCommands } from './obeyCommands.ts';
import type { Commands } from './obeyCommands.ts';
import { startProduction } from './production.ts';
import type { ProductionHandle } from './production.ts';
import { startSandbox } from './startSandbox.ts';

/**
 * `node sandbox/serve.ts [--directory FOLDER] [--environments production,east] [--requests-per-second N] [--unhealthy-after-ms N]
 * [--control-plane FOLDER:FOLDER] [--n8n [--mode queue] [--workers N]]`: starts the sandbox (with `--n8n` a real n8n in it), prints its endpoints as one line of
 * JSON on standard output (progress goes to standard error), and stops everything when standard input closes or on SIGINT or
 * SIGTERM, in the middle of the start too. With n8n the lines `kill`, `kill-workers` and `start` on standard input end it with
 * SIGKILL and start it again; each is answered by a line of JSON.
 */
async function main(): Promise<void> {
	const { values } = parseArgs({
		options: {
			parts: { type: 'string', default: 'all' },
			directory: { type: 'string' },
			'requests-per-second': { type: 'string' },
			'unhealthy-after-ms': { type: 'string' },
			environments: { type: 'string' },
			'control-plane': { type: 'string' },
			n8n: { type: 'boolean', default: false },
			mode: { type: 'string', default: 'regular' },
			workers: { type: 'string' },
		},
	});
	if (values.parts !== 'all') throw new Error(`--parts knows only all, not ${JSON.stringify(values.parts)}`);
	const { mode } = values;
	if (mode !== 'regular' && mode !== 'queue')
		throw new Error(`--mode is regular or queue, not ${JSON.stringify(mode)}`);
	const ending = new AbortController();
	const ended = new Promise<void>((resolve) => ending.signal.addEventListener('abort', () => resolve()));
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => ending.abort());
	process.stdin
		.on('end', () => ending.abort())
		.on('close', () => ending.abort())
		.on('error', () => ending.abort())
		.resume();

	const startedAt = performance.now();
	const seconds = () => `${((performance.now() - startedAt) / 1000).toFixed(1)} s`;
	const options: Options = {
		signal: ending.signal,
		progress: (message: string): void => void process.stderr.write(`${seconds()}  ${message}\n`),
		mode,
		...(values.directory ? { directory: values.directory } : {}),
		...(values.environments ? { environments: values.environments.split(',') } : {}),
		...(values['control-plane'] ? { controlPlane: values['control-plane'] } : {}),
		...readNumber('workers', values.workers),
		...readNumber('requestsPerSecond', values['requests-per-second']),
		...readNumber('unhealthyAfterMs', values['unhealthy-after-ms']),
	};
	const { stop, load, line, commands } = await (values.n8n ? serveWithN8n(options) : serveProduction(options));
	process.stdout.write(`${JSON.stringify(line)}\n`);
	if (commands) obeyCommands({ input: process.stdin, output: process.stdout }, commands);
	process.stderr.write(`${seconds()}  ready; close standard input or press Ctrl-C to stop\n`);
	await ended;
	if (load) process.stderr.write(`${seconds()}  load: ${JSON.stringify(load.stats())}\n`);
	await stop();
	process.stderr.write(`${seconds()}  stopped\n`);
}

type Options = Parameters<typeof startSandbox>[0];
type Served = Pick<ProductionHandle, 'load' | 'stop'> & { readonly line: object; readonly commands?: Commands };

async function serveProduction(options: Options): Promise<Served> {
	const production = await startProduction(options);
	return { ...production, line: production.endpoints };
}

async function serveWithN8n(options: Options): Promise<Served> {
	const { production, n8n, webhookSecret, approvalSecret, stop } = await startSandbox(options);
	const { url, owner, importOutput } = n8n;
	// The line becomes a variable of the environment, which Linux bounds at 128 KiB: the workflows go into a file.
	const exportedFile = join(production.endpoints.directory, 'exported-workflows.json');
	await writeFile(exportedFile, JSON.stringify(await n8n.exportWorkflows()));
	const line = {
		...production.endpoints,
		n8n: { url, owner, importOutput, exportedFile },
		webhookSecret,
		approvalSecret,
	};
	const commands = { kill: n8n.kill, 'kill-workers': n8n.killWorkers, start: n8n.start };
	return { load: production.load, stop, line, commands };
}

function readNumber<Name extends string>(name: Name, text: string | undefined): Partial<Record<Name, number>> {
	if (text === undefined) return {};
	const value = Number(text);
	if (!Number.isFinite(value) || value < 0) throw new Error(`${name} must be a number, not ${JSON.stringify(text)}`);
	return { [name]: value } as Partial<Record<Name, number>>;
}

main().then(
	() => process.stdin.destroy(),
	(error: unknown) => {
		process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
		process.exitCode = 1;
		process.stdin.destroy();
	},
);
