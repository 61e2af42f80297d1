import { readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createCluster } from '../lib/rollout/cluster.client';
import type { Cluster } from '../lib/rollout/cluster';
import { readKubeconfig } from '../lib/rollout/kubeconfig.client';
import { KUBECONFIG_RISKS } from '../lib/rollout/kubeconfigRisks';
import { findRollbackRecord } from '../lib/rollout/readRecordAnnotations';
import { planRollBackOffline, rollBackOffline, type OfflinePlan } from '../lib/rollout/rollBackOffline';
import { parseRollbackRecord, type RollbackRecord } from '../lib/rollout/rollbackRecord';
import { systemClock } from '../lib/support/clock';
import { RunbookError } from '../lib/support/runbookError';
import { readStoredRecord } from './readStoredRecord';
import { parseRollbackArguments, ROLLBACK_USAGE, type RollbackArguments } from './rollbackArguments';

/** What the command needs of the machine that it runs on. */
export interface Terminal {
	readonly env: Readonly<Record<string, string | undefined>>;
	readonly signal: AbortSignal;
	print(line: string): void;
	complain(line: string): void;
	/** Absent: nobody is there to ask. */
	ask?(question: string): Promise<string>;
}

/** Runs `rollback`; returns the exit code. */
export async function rollbackCommand(args: readonly string[], terminal: Terminal): Promise<number> {
	const parsed = parseRollbackArguments(args);
	if (parsed === undefined || typeof parsed === 'string') {
		if (parsed !== undefined) terminal.complain(`${parsed}\n`);
		(parsed === undefined ? terminal.print : terminal.complain)(ROLLBACK_USAGE);
		return parsed === undefined ? 0 : 2;
	}
	let cluster: Cluster | undefined;
	try {
		cluster = await connect(parsed, terminal);
		return await rollBackWith(cluster, parsed, terminal);
	} catch (error) {
		if (!(error instanceof RunbookError)) throw error;
		terminal.complain(`${error.message} (${error.code})\n  Why: ${error.why}\n  What to do: ${error.fix}`);
		return 1;
	} finally {
		await cluster?.close();
	}
}

/** The kubeconfig of this machine: it may do here what kubectl may do. */
async function connect({ kubeconfig, context, namespace }: RollbackArguments, { env }: Terminal): Promise<Cluster> {
	const path = kubeconfig || env['KUBECONFIG']?.split(delimiter)[0] || join(homedir(), '.kube', 'config');
	const text = await readFile(path, 'utf8');
	return await createCluster(await readKubeconfig(text, { context, namespace, allowed: KUBECONFIG_RISKS }));
}

async function rollBackWith(cluster: Cluster, args: RollbackArguments, terminal: Terminal): Promise<number> {
	const found = await findRecord(cluster, args, terminal);
	const { environment, person, reason, out, timeoutMs } = args;
	terminal.print(
		`Roll back ${environment}, namespace ${found.set.namespace}, release ${found.release || 'unknown'}:`,
	);
	const plan = await planRollBackOffline(cluster, found);
	for (const line of describePlan(plan)) terminal.print(`  ${line}`);
	if (plan.done) {
		terminal.print('Already there: nothing was changed.');
		return 0;
	}
	if (!(await isConfirmed(args, terminal))) return 2;
	const offline = { release: found.release, person, reason, at: new Date().toISOString() };
	const rolledBack = await rollBackOffline(cluster, found, {
		offline,
		timeoutMs,
		clock: systemClock,
		signal: terminal.signal,
		log: (message) => terminal.print(`  ${message}`),
	});
	terminal.print(rolledBack.summary);
	for (const warning of rolledBack.warnings) terminal.complain(`Warning: ${warning}`);
	const report = { format: 'deployment-runbook/offline-rollback@1', environment, ...offline, ...rolledBack };
	await writeFile(out, `${JSON.stringify({ ...report, finishedAt: new Date().toISOString() }, null, 2)}\n`);
	terminal.print(`The recorded version serves. ${out} says what was done.`);
	terminal.print(
		`Once n8n is back, roll ${found.release || 'the release'} back there, too: it finds this done, and the ledger learns of it.`,
	);
	return 0;
}

async function findRecord(
	cluster: Cluster,
	{ record, namespace }: RollbackArguments,
	{ env, signal }: Terminal,
): Promise<RollbackRecord> {
	if (record === '') return await findRollbackRecord(cluster, cluster.namespace);
	const text = record.startsWith('s3://')
		? await readStoredRecord(record, { env, signal })
		: await readFile(record, 'utf8');
	const found = parseRollbackRecord(text);
	return namespace === '' ? found : { ...found, set: { ...found.set, namespace } };
}

function describePlan({ workloads, workers }: OfflinePlan): string[] {
	return [...describeWorkloads(workloads), ...describeWorkers(workers)];
}

function describeWorkers({ plans, unread }: OfflinePlan['workers']): string[] {
	const planned = plans.map(({ worker, record, action }) => {
		const to = `${record.liveColour} ${record.live.image} with ${record.live.replicas} replicas`;
		if (action === 'already-there') return `${worker.name}: already there, ${to}`;
		return action === 'left-alone'
			? `${worker.name}: left alone, it runs a version that is neither the record nor the release's`
			: `${worker.name}: stopped, then ${to}`;
	});
	return [...planned, ...unread.map(({ worker, error }) => `${worker.name}: not known, ${error.message}`)];
}

function describeWorkloads(workloads: OfflinePlan['workloads']): string[] {
	return workloads.map(({ workload, record, liveColour, action }) => {
		const { service } = workload;
		const to = `${record.liveColour} ${record.live.image} with ${record.live.replicas} replicas`;
		if (action === 'already-there') return `${service}: already there, ${to}`;
		return action === 'restore-image'
			? `${service}: ${liveColour} serves another image; it gets ${to}`
			: `${service}: from ${liveColour} to ${to}`;
	});
}

async function isConfirmed({ yes, environment }: RollbackArguments, terminal: Terminal): Promise<boolean> {
	if (yes) return true;
	const answer = await terminal.ask?.(`Type the environment's name to roll it back: `);
	if (answer?.trim() === environment) return true;
	terminal.complain(
		answer === undefined ? 'Nobody is there to confirm it: use --yes.' : 'Not confirmed: nothing was changed.',
	);
	return false;
}
