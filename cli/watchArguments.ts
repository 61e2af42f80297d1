import { parseArgs } from 'node:util';
import type { PostgresConnection } from '../lib/support/postgres.client';

export const WATCH_USAGE = `The second watcher: looks at environments as the watch of n8n does, by the same policy, and rolls back a release whose breach is held. It
pages nobody and ends no watch: that is n8n's. Whichever of the two is first rolls back, once.

  n8n-nodes-deployment-runbook watch --settings FILE [options]

  --settings FILE      what the node Settings of the configuration workflow holds: one object, or a list of them
  --for SECONDS        how long it goes on looking; 55, for a CronJob that starts it each minute
  --name NAME          who looks, for the ledger; second-watcher
  --kubeconfig FILE    otherwise the service account of the pod that it runs in
  --context NAME       otherwise the kubeconfig's current one
  --timeout SECONDS    how long the recorded version may take to be ready; 240

The ledger is reached by libpq's variables: PGHOST, PGPORT, PGDATABASE, PGUSER, PGPASSWORD, PGSSLMODE (disable, require, verify-full; verify-full unless given).

It ends with 0 when nothing was wrong or the recorded version serves, with 1 when it could not look or the rollback failed, with 2 when it was called wrongly.`;

export interface WatchArguments {
	readonly settings: string;
	readonly forMs: number;
	readonly name: string;
	/** Empty: the pod's service account. */
	readonly kubeconfig: string;
	readonly context: string;
	readonly timeoutMs: number;
}

/** The command's arguments; what is wrong with them as text; undefined when help was asked for. */
export function parseWatchArguments(args: readonly string[]): WatchArguments | string | undefined {
	const text = { type: 'string', default: '' } as const;
	const options = {
		settings: text,
		for: { type: 'string', default: '55' },
		name: { type: 'string', default: 'second-watcher' },
		kubeconfig: text,
		context: text,
		timeout: { type: 'string', default: '240' },
		help: { type: 'boolean', default: false },
	} as const;
	try {
		const { values } = parseArgs({ args: [...args], options, allowPositionals: false });
		const { help, for: seconds, timeout, settings, name, ...rest } = values;
		if (help) return undefined;
		if (settings === '') return '--settings FILE is missing';
		// The looks of n8n are judged together under this name; another's between them would look like its own.
		if (!/^[a-z0-9][a-z0-9.-]*$/i.test(name) || name === 'n8n') return '--name wants a name, and n8n is taken';
		const [forMs, timeoutMs] = [seconds, timeout].map(toMilliseconds);
		if (forMs === undefined) return '--for wants whole seconds, from 1 to 86400';
		if (timeoutMs === undefined) return '--timeout wants whole seconds, from 1 to 86400';
		return { ...rest, settings, name, forMs, timeoutMs };
	} catch (error) {
		return error instanceof Error ? error.message : String(error);
	}
}

function toMilliseconds(text: string): number | undefined {
	const seconds = Number(text);
	return Number.isInteger(seconds) && seconds >= 1 && seconds <= 86_400 ? seconds * 1000 : undefined;
}

/** The ledger by libpq's variables; what is wrong with them as text. */
export function parseLedger(env: Readonly<Record<string, string | undefined>>): PostgresConnection | string {
	const { PGHOST: host, PGDATABASE: database, PGUSER: user, PGPASSWORD: password = '' } = env;
	if (!host || !database || !user) return 'PGHOST, PGDATABASE and PGUSER must name the ledger';
	const port = Number(env['PGPORT'] ?? 5432);
	if (!Number.isInteger(port) || port < 1 || port > 65_535) return 'PGPORT is no port';
	const ssl = env['PGSSLMODE'] ?? 'verify-full';
	if (ssl !== 'disable' && ssl !== 'require' && ssl !== 'verify-full')
		return 'PGSSLMODE is disable, require or verify-full';
	return { host, port, database, user, password, ssl };
}
