import { readFile } from 'node:fs/promises';
import { openLedger } from '../lib/release/ledger.client';
import type { Ledger } from '../lib/release/ledger';
import { createCluster } from '../lib/rollout/cluster.client';
import type { ClusterConnection } from '../lib/rollout/cluster';
import { readKubeconfig } from '../lib/rollout/kubeconfig.client';
import { KUBECONFIG_RISKS } from '../lib/rollout/kubeconfigRisks';
import { readPodAccount } from '../lib/rollout/readPodAccount';
import { bootId } from '../lib/support/bootId';
import { systemClock } from '../lib/support/clock';
import { RunbookError } from '../lib/support/runbookError';
import { ticks } from '../lib/support/ticks';
import { lookAround, type LookedAround } from '../lib/watch/lookAround';
import { environmentsSchema, type EnvironmentSettings } from '../nodes/ReleaseWatch/environmentSettings';
import { measureEnvironment } from '../nodes/ReleaseWatch/measureEnvironment';
import type { Terminal } from './rollbackCommand';
import { rollBackWatched } from './rollBackWatched';
import { parseLedger, parseWatchArguments, WATCH_USAGE, type WatchArguments } from './watchArguments';

/** Runs `watch`; returns the exit code. */
export async function watchCommand(args: readonly string[], terminal: Terminal): Promise<number> {
	const parsed = parseWatchArguments(args);
	if (parsed === undefined) {
		terminal.print(WATCH_USAGE);
		return 0;
	}
	const ledger = parseLedger(terminal.env);
	const environments = typeof parsed === 'string' ? parsed : await readSettings(parsed.settings);
	const problem = [parsed, ledger, environments].find((one) => typeof one === 'string');
	if (typeof parsed === 'string' || typeof ledger === 'string' || typeof environments === 'string') {
		terminal.complain(`${String(problem)}\n\n${WATCH_USAGE}`);
		return 2;
	}
	try {
		const opened = await openLedger(ledger);
		try {
			return await watch(opened, environments, { args: parsed, terminal });
		} finally {
			await opened.close();
		}
	} catch (error) {
		if (!(error instanceof RunbookError)) throw error;
		terminal.complain(`${error.message} (${error.code})\n  Why: ${error.why}\n  What to do: ${error.fix}`);
		return 1;
	}
}

/** As the node Settings holds them; what is wrong with them as text. */
async function readSettings(file: string): Promise<readonly EnvironmentSettings[] | string> {
	let settings: unknown;
	try {
		settings = JSON.parse(await readFile(file, 'utf8')) as unknown;
	} catch {
		return `${file} cannot be read, or is not JSON`;
	}
	const parsed = environmentsSchema.safeParse([settings].flat());
	if (parsed.success) return parsed.data;
	const [issue] = parsed.error.issues;
	return `${file}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`;
}

interface Watching {
	readonly args: WatchArguments;
	readonly terminal: Terminal;
}

async function watch(
	ledger: Ledger,
	environments: readonly EnvironmentSettings[],
	{ args, terminal }: Watching,
): Promise<number> {
	const { signal } = terminal;
	const settings = new Map(environments.map((one) => [one.name, one]));
	const intervalMs = Math.min(...environments.flatMap(({ rules }) => rules.map((rule) => rule.intervalMs)));
	const startedMs = systemClock.monotonicMs();
	let code = 0;
	for await (const atMs of ticks(systemClock, { intervalMs, signal })) {
		const looked = await lookAround(environments, {
			watcher: args.name,
			acts: ['roll-back'],
			tells: false,
			ports: {
				ledger: ledger.watch,
				measure: async ({ name }, counters) =>
					await measureEnvironment(settings.get(name) as EnvironmentSettings, counters, {
						openCluster: async () => await connect(args, ''),
						clock: systemClock,
						signal,
					}),
				clock: systemClock,
				bootId: bootId(),
			},
		});
		for (const one of looked) {
			terminal.print(describe(one));
			const { namespace } = settings.get(one.environment) as EnvironmentSettings;
			if (!(await act(ledger, one, { args, terminal, namespace }))) code = 1;
		}
		if (atMs + intervalMs - startedMs > args.forMs) return code;
	}
	throw new Error('unreachable: ticks end only by the signal');
}

function describe({ environment, releaseId, judgements }: LookedAround): string {
	const signals = judgements.map(({ signal, level, reason }) => `${signal} ${level ?? 'within limits'} (${reason})`);
	return `${environment}, release ${releaseId ?? 'none'}: ${signals.join('; ')}`;
}

/** Does what this watcher has claimed. False when it failed; the next look goes on. */
async function act(
	ledger: Ledger,
	{ todo }: LookedAround,
	{ args, terminal, namespace }: Watching & { readonly namespace: string },
): Promise<boolean> {
	for (const one of todo) {
		if (one.kind !== 'act' || one.act !== 'roll-back') continue;
		const { releaseId, reason } = one;
		terminal.print(`Roll back ${releaseId}: ${reason}`);
		const cluster = await createCluster(await connect(args, namespace));
		try {
			const { signal } = terminal;
			const log = (message: string): void => terminal.print(`  ${message}`);
			const watched = { releaseId, reason, watcher: args.name, timeoutMs: args.timeoutMs, clock: systemClock };
			const { summary, warnings } = await rollBackWatched(ledger, cluster, { ...watched, signal, log });
			terminal.print(summary);
			for (const warning of warnings) terminal.complain(`Warning: ${warning}`);
			terminal.print(
				`Once n8n is back, roll ${releaseId} back there, too: it finds this done, checks and watches.`,
			);
		} catch (error) {
			if (!(error instanceof RunbookError)) throw error;
			terminal.complain(`${error.message} (${error.code})\n  Why: ${error.why}\n  What to do: ${error.fix}`);
			return false;
		} finally {
			await cluster.close();
		}
	}
	return true;
}

async function connect({ kubeconfig, context }: WatchArguments, namespace: string): Promise<ClusterConnection> {
	if (kubeconfig === '') return await readPodAccount({ namespace });
	const text = await readFile(kubeconfig, 'utf8');
	return await readKubeconfig(text, { context, namespace, allowed: KUBECONFIG_RISKS });
}
