import { homedir } from 'node:os';
import { backupErrors } from '../errors';
import { describeExit, startTool } from '../tool.client';
import type { ReportTool } from './model';

export interface ToolCall {
	readonly tool: ReportTool;
	/** pgBackRest's stanza, Barman's server; without meaning for WAL-G. Begins with a letter or digit, so that it is no option. */
	readonly name: string;
	/** The tool's configuration file; empty for its own default. */
	readonly configFile: string;
	readonly signal: AbortSignal;
}

type Arguments = readonly string[];
interface Program {
	readonly command: string;
	readonly config: (file: string) => Arguments;
	/** One report, or the parts that make one, by name. */
	readonly reports: (name: string) => Arguments | Readonly<Record<string, Arguments>>;
}

const PROGRAMS: Readonly<Record<ReportTool, Program>> = {
	pgbackrest: {
		command: 'pgbackrest',
		config: (file) => [`--config=${file}`],
		reports: (name) => [`--stanza=${name}`, '--output=json', 'info'],
	},
	walg: {
		command: 'wal-g',
		config: (file) => ['--config', file],
		reports: () => ({
			backups: ['backup-list', '--detail', '--json'],
			verify: ['wal-verify', 'integrity', 'timeline', '--json'],
		}),
	},
	barman: {
		command: 'barman',
		config: (file) => ['-c', file],
		reports: (name) => ({
			server: ['-f', 'json', 'show-server', name],
			check: ['-f', 'json', 'check', name],
			backups: ['-f', 'json', 'list-backups', name],
		}),
	},
};

const REPORT_LIMIT_BYTES = 16 * 1024 * 1024;

/**
 * Has a backup tool of this machine write its report, without a shell and with arguments that are fixed. @throws RunbookError
 * BACKUP.REPORT_UNAVAILABLE, or the signal's reason
 */
export async function runReportTool({ tool, name, configFile, signal }: ToolCall): Promise<string> {
	const { command, config, reports } = PROGRAMS[tool];
	const run = async (args: Arguments): Promise<string> =>
		await readOutput(command, [...(configFile === '' ? [] : config(configFile)), ...args], signal);
	const wanted = reports(name);
	if (isArguments(wanted)) return await run(wanted);
	const parts: string[] = [];
	// As text: a system identifier must not pass through a number.
	for (const [part, args] of Object.entries(wanted)) parts.push(`${JSON.stringify(part)}:${await run(args)}`);
	return `{${parts.join(',')}}`;
}

function isArguments(wanted: ReturnType<Program['reports']>): wanted is Arguments {
	return Array.isArray(wanted);
}

async function readOutput(command: string, args: Arguments, signal: AbortSignal): Promise<string> {
	const env = { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C', HOME: homedir() };
	const started = startTool({ path: command, args, env, signal, secrets: [] });
	started.stdin.end();
	const chunks: Buffer[] = [];
	let sizeBytes = 0;
	for await (const chunk of started.stdout as AsyncIterable<Buffer>) {
		sizeBytes += chunk.length;
		if (sizeBytes <= REPORT_LIMIT_BYTES) chunks.push(chunk);
	}
	const exit = await started.exit;
	signal.throwIfAborted();
	const text = Buffer.concat(chunks).toString('utf8').trim();
	if (sizeBytes > REPORT_LIMIT_BYTES)
		throw backupErrors.REPORT_UNAVAILABLE({ command, problem: 'the report is too large' });
	// Barman's check and WAL-G's verification end with another code when they found something; the report says what.
	if (text.startsWith('{') || text.startsWith('[')) return text;
	throw backupErrors.REPORT_UNAVAILABLE({ command, problem: [describeExit(exit), exit.problem].join(' ').trim() });
}
