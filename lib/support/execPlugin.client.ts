import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { z } from 'zod';
import type { ExecPlugin } from './clusterAccess';
import { clusterAccessErrors } from './errors';

/** A plugin asks a cloud's API; one that takes longer hangs or waits for a person. */
const TIMEOUT_MS = 20_000;
const MAXIMUM_BYTES = 1024 * 1024;

const execCredential = z.object({
	kind: z.literal('ExecCredential'),
	status: z.object({
		token: z.string().min(1),
		expirationTimestamp: z.string().datetime({ offset: true }).optional(),
	}),
});

export interface PluginToken {
	readonly token: string;
	/** Absent: it holds until the API refuses it. */
	readonly expiresAt?: Date;
}

/**
 * Runs a kubeconfig's `exec` plugin: no shell, no terminal, and an environment of PATH, HOME and what the kubeconfig names, as n8n's own
 * environment holds n8n's keys. What it writes is never repeated: its output is the token.
 * @throws RunbookError CLUSTER_ACCESS.PLUGIN_FAILED
 */
export async function runExecPlugin({ command, args, env, apiVersion }: ExecPlugin): Promise<PluginToken> {
	const information = { apiVersion, kind: 'ExecCredential', spec: { interactive: false } };
	const run = promisify(execFile)(command, [...args], {
		env: {
			PATH: process.env.PATH ?? '',
			HOME: process.env.HOME ?? '',
			...env,
			KUBERNETES_EXEC_INFO: JSON.stringify(information),
		},
		shell: false,
		timeout: TIMEOUT_MS,
		maxBuffer: MAXIMUM_BYTES,
	});
	const { stdout } = await run.catch((error: unknown) => {
		throw clusterAccessErrors.PLUGIN_FAILED({ command, problem: problemOf(error) });
	});
	const { status } = parse(stdout, command);
	const { token, expirationTimestamp } = status;
	return { token, ...(expirationTimestamp === undefined ? {} : { expiresAt: new Date(expirationTimestamp) }) };
}

function parse(stdout: string, command: string): z.infer<typeof execCredential> {
	try {
		return execCredential.parse(JSON.parse(stdout));
	} catch {
		throw clusterAccessErrors.PLUGIN_FAILED({ command, problem: 'it printed no ExecCredential with a token' });
	}
}

function problemOf(error: unknown): string {
	const { code, signal, killed } = error as { code?: unknown; signal?: unknown; killed?: unknown };
	if (killed === true) return `it did not end within ${TIMEOUT_MS / 1000} s`;
	if (typeof code === 'string') return code;
	return typeof code === 'number' ? `it ended with exit code ${code}` : `it ended by signal ${String(signal)}`;
}
