import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { ICredentialDataDecryptedObject, INode } from 'n8n-workflow';
import type { Release } from '../../lib/release/model';
import type { Observation } from '../../lib/release/recordStep';
import { loadEngine, type Engine } from './engine';
import { createLedgerDatabase, type LedgerDatabase } from './ledgerDatabase';
import { answerGate, keepMails, waitingGate, type Answer, type Mail, type WaitingGate } from './people';
import { WorkflowRunner, type Execution, type Replacement, type WorkflowJson } from './runWorkflow';
import { scriptOperations, type OperationScript, type ScriptedOutcome } from './scriptOperations';
import { startWaitingServer, type WaitingServer } from './waitingServer';

const FOLDER = path.resolve(__dirname, '..', '..', 'workflows');
/** The migrations of the sandbox's application: the configuration names a folder of the operator's host. */
const MIGRATIONS = path.resolve(__dirname, '..', '..', 'sandbox', 'app', 'prisma', 'migrations');
const DIGEST = `sha256:${'a'.repeat(64)}`;
/** The secret under which the approvers' links are signed. */
export const SECRET = 'the secret of the approval links in these tests';

/** The signed request of a CI, as the Release Webhook gives it out. */
export const REQUEST = {
	intent: 'begin',
	version: '2026.11.2',
	environment: 'production',
	commit: '4f9c2a1',
	startedBy: 'ci',
	authors: [] as string[],
	releaseId: '',
	override: null as { person: string; reason: string } | null,
	deliveryId: 'msg_1',
	images: [],
};

/** What later steps read from earlier ones, as the real operations give it. */
const USUAL: Readonly<Record<string, ScriptedOutcome>> = {
	'roll-back-production/Switch back': { result: { alreadyThere: false, summary: 'rolled back', watchSeconds: 600 } },
	'phase-1-pre-deploy/Create backup': { result: { backupId: '20261123T064012Z-3f9a1c2b4d5e' } },
	...Object.fromEntries(
		[
			'deploy-production/Report: deployed',
			'deploy-production/Report: stopped',
			'roll-back-production/Report',
			'act-on-watch/Report',
		].map((name) => [name, { result: { url: 'https://reports.example.com/release.html' } }]),
	),
};

/** The exported workflows by id; each may be changed. */
export type Workflows = Record<string, WorkflowJson & { nodes: INode[] }>;

/** How one release differs from the one in which all goes well. */
export interface Plot {
	/** Fields of the request that differ. */
	readonly request?: Partial<typeof REQUEST>;
	/** By `workflowId/Node name`. */
	readonly outcomes?: Readonly<Record<string, ScriptedOutcome>>;
	readonly replace?: Readonly<Record<string, Replacement>>;
	/** Changes the workflows on the canvas; it is given copies. */
	readonly edit?: (workflows: Workflows) => void;
	/** Changes the settings that the configuration workflow gives out. */
	readonly configure?: (settings: Record<string, unknown>) => void;
	readonly credentials?: Readonly<Record<string, ICredentialDataDecryptedObject>>;
	/** What people answer at a gate, by `workflowId/Node name`. Absent: as many approve as it takes. */
	readonly answers?: Readonly<Record<string, Answer>>;
}

export interface Ending {
	readonly runner: WorkflowRunner;
	readonly started: Execution;
	/** Operations that were run, as `workflowId/Node name`; of a tick, those since it began. */
	readonly called: readonly string[];
	readonly mails: readonly Mail[];
	readonly release: Release | undefined;
}

/** When a run is killed, by `workflowId/Node name`. */
export type KillMoment = { readonly during: string } | { readonly before: string };

/** The exported workflows, the real engine, the package's build and a real ledger; only the outside world is scripted. */
export class Stage {
	readonly database: LedgerDatabase;
	/** The mails that were sent since the story was opened. */
	readonly mails: Mail[] = [];
	readonly #engine: Engine;
	readonly #script: OperationScript;
	readonly #registry: Server;
	readonly #server: WaitingServer;
	#workflows: Workflows = {};
	#replace: Record<string, Replacement | undefined> = {};

	private constructor(
		engine: Engine,
		script: OperationScript,
		{ database, registry, server }: { database: LedgerDatabase; registry: Server; server: WaitingServer },
	) {
		this.#engine = engine;
		this.#script = script;
		this.database = database;
		this.#registry = registry;
		this.#server = server;
	}

	static async build(): Promise<Stage> {
		const script = scriptOperations();
		const engine = await loadEngine({ withPackage: true });
		const [database, registry, server] = await Promise.all([
			createLedgerDatabase(),
			startRegistry(),
			startWaitingServer(),
		]);
		return new Stage(engine, script, { database, registry, server });
	}

	/** Gives back what build() took. */
	async strike(): Promise<void> {
		await this.#server.close();
		this.#registry.closeAllConnections();
		await new Promise((resolve) => this.#registry.close(resolve));
		await this.database.drop();
	}

	/** A runner for one story on an empty ledger. */
	async open({ outcomes = {}, replace = {}, edit, configure, credentials = {} }: Plot = {}): Promise<WorkflowRunner> {
		await this.database.clear();
		this.#script.outcomes = { ...USUAL, ...outcomes };
		this.#script.observed = {};
		this.#script.called.length = 0;
		this.mails.length = 0;
		this.#workflows = readWorkflows();
		this.configure((settings) => this.#adapt(settings));
		if (configure) this.configure(configure);
		edit?.(this.#workflows);
		const { host, port, database, user, password } = this.database.connection;
		const sendMail = keepMails(this.mails, this.#script.called);
		this.#replace = {
			'phase-2-migration/Mail approvers 1': sendMail,
			'phase-3-rollout/Mail approvers 2': sendMail,
			'roll-back-database/Mail approvers 3': sendMail,
			'swap-back-database/Mail approvers of the swap back': sendMail,
			'thaw-writers/Mail approvers of the thaw': sendMail,
			...replace,
		};
		const runner = new WorkflowRunner({
			engine: this.#engine,
			workflows: this.#workflows,
			waitingUrl: this.#server.url,
			replace: this.#replace,
			credentials: {
				releaseLedger: { host, port, database, user, password, ssl: 'disable' },
				approvalLinks: { secret: SECRET },
				...credentials,
			},
		});
		this.#server.serve(runner);
		return runner;
	}

	/** Sends the CI's request and answers at every gate until nothing waits any more. */
	async deploy(plot: Plot = {}): Promise<Ending> {
		return await this.request(await this.open(plot), plot);
	}

	/** As deploy, on a stage that is open already. */
	async request(runner: WorkflowRunner, { request = {}, answers = {} }: Plot = {}): Promise<Ending> {
		const items = [{ ...REQUEST, ...request }];
		const started = await runner.start('deploy-production', { at: 'Release webhook', items, mode: 'webhook' });
		for (let gates = 0; gates < 10; gates += 1) {
			const [gate] = this.gates(runner);
			if (!gate) return await this.ending(runner, started);
			await answerGate(gate, answers[gate.name] ?? 'approve');
		}
		throw new Error('more than ten gates: a workflow waits in a circle');
	}

	/** Sends the CI's request and lets the release wait at its first gate. */
	async deployUntilGate(plot: Plot = {}): Promise<{ runner: WorkflowRunner; started: Execution; gate: WaitingGate }> {
		const runner = await this.open(plot);
		const items = [{ ...REQUEST, ...plot.request }];
		const started = await runner.start('deploy-production', { at: 'Release webhook', items, mode: 'webhook' });
		const [gate] = this.gates(runner);
		if (!gate) throw new Error('the release waits at no gate');
		return { runner, started, gate };
	}

	/** What a look of the watch finds to be done: it acts on whatever release waits or is watched. What comes of it the judging decides. */
	async #todo(unjudged: boolean): Promise<ScriptedOutcome> {
		const [release] = await this.database.ledger.listLiveReleases(REQUEST.environment);
		if (!release || release.state === 'running') return { result: { todo: [] } };
		const over = release.watchUntil !== null && release.watchUntil <= new Date();
		const act = release.state === 'waiting' ? 'void-gate' : over ? 'finish' : 'roll-back';
		const { id: releaseId, token, environment } = release;
		return {
			result: {
				todo: [{ kind: 'act', environment, act, releaseId, token, reason: 'as the story goes', unjudged }],
			},
		};
	}

	/** Lets a scheduled workflow run once. `unjudged`: the watch has given up. */
	async tick(
		runner: WorkflowRunner,
		workflowId: 'watch-production' | 'watchdog',
		{ unjudged = false }: { readonly unjudged?: boolean } = {},
	): Promise<Ending> {
		const at = workflowId === 'watchdog' ? 'Every minute' : 'Every 15 seconds';
		const before = this.called.length;
		this.set('watch-production/Look', await this.#todo(unjudged));
		const ending = await this.ending(runner, await runner.start(workflowId, { at }));
		return { ...ending, called: ending.called.slice(before) };
	}

	/** Codes of what the ledger remembers as asked for and not done, oldest first. */
	async refusals(): Promise<string[]> {
		const rows = await this.database.query<{ code: string }>(
			'SELECT code FROM deployment_runbook.refusal ORDER BY id',
		);
		return rows.map(({ code }) => code);
	}

	/** The gates at which releases wait now. */
	gates(runner: WorkflowRunner): WaitingGate[] {
		const parts = { runner, server: this.#server, mails: this.mails };
		return runner.waiting().map((execution) => waitingGate(parts, execution));
	}

	/**
	 * Kills the run: `during` a step, whose end nobody records, or `before` a node. No error workflow hears of it. `act` brings the run
	 * there. Then time passes until its heartbeat is stale, and the world is well again.
	 */
	async kill(runner: WorkflowRunner, moment: KillMoment, act: () => Promise<unknown>): Promise<Release> {
		const name = 'during' in moment ? moment.during : moment.before;
		const killed = new Error('killed');
		const usual = this.#script.outcomes[name];
		const replaced = this.#replace[name];
		runner.errorWorkflows = false;
		if ('during' in moment) this.set(name, killed);
		else this.#replace[name] = async () => await Promise.reject(killed);
		await act();
		this.set(name, usual);
		this.#replace[name] = replaced;
		runner.errorWorkflows = true;
		await this.database.query(
			`UPDATE deployment_runbook.step SET state = 'started', finished_at = NULL, result = NULL, evidence = NULL, error = NULL
			 WHERE error ->> 'message' = 'killed'`,
		);
		await this.silence('2 minutes');
		const [release] = await this.database.ledger.listLiveReleases();
		if (!release) throw new Error('no release is left to go on with');
		return release;
	}

	/** Lets the heartbeat of whatever runs be silent for so long. */
	async silence(interval: string): Promise<void> {
		await this.database.query(
			'UPDATE deployment_runbook.environment SET heartbeat_at = now() - $1::interval WHERE holder IS NOT NULL',
			[interval],
		);
	}

	/** Asks to resume a release, and answers at its gates. */
	async resume(runner: WorkflowRunner, { id }: Release, { answers = {} }: Plot = {}): Promise<Ending> {
		const request = { intent: 'resume', releaseId: id, version: '', deliveryId: 'msg_2', startedBy: 'on-call' };
		return await this.request(runner, { request, answers });
	}

	/** How things stand now. */
	async ending(runner: WorkflowRunner, started: Execution): Promise<Ending> {
		await this.#server.settled();
		const [release] = await this.database.ledger.listReleases(REQUEST.environment, 1);
		return { runner, started, called: [...this.called], mails: [...this.mails], release };
	}

	/** What was run since the story was opened. */
	get called(): readonly string[] {
		return this.#script.called;
	}

	/** The parameters that a node's operation got the last time. */
	given(name: string): Record<string, unknown> {
		return this.#script.given[name] as Record<string, unknown>;
	}

	/** Lets the outside world change while a story goes on. */
	set(name: string, outcome: ScriptedOutcome | undefined): void {
		this.#script.outcomes[name] = outcome;
	}

	/** What is found of a change whose run died in it. */
	observe(name: string, observation: Observation): void {
		this.#script.observed[name] = observation;
	}

	/** Edits the workflows on the canvas while a story goes on. */
	edit(change: (workflows: Workflows) => void): void {
		change(this.#workflows);
	}

	/** What an operator does after the import and later: edits the one Set node of the configuration. */
	configure(change: (settings: Record<string, unknown>) => void): void {
		const node = nodeOf(this.#workflows, 'configuration/Settings');
		const settings = JSON.parse(node.parameters.jsonOutput as string) as Record<string, unknown>;
		change(settings);
		node.parameters.jsonOutput = JSON.stringify(settings);
	}

	#adapt(settings: Record<string, unknown>): void {
		settings.migrationsFolder = MIGRATIONS;
		const registry = `127.0.0.1:${(this.#registry.address() as AddressInfo).port}/`;
		const workloads = settings.workloads as Array<{ repository: string }>;
		for (const workload of workloads)
			workload.repository = workload.repository.replace('registry.example.com/', registry);
	}
}

/** A node of a workflow, by `workflowId/Node name`. */
export function nodeOf(workflows: Workflows, name: string): INode {
	const slash = name.indexOf('/');
	const node = workflows[name.slice(0, slash)]?.nodes.find((one) => one.name === name.slice(slash + 1));
	if (!node) throw new Error(`there is no node ${name}`);
	return node;
}

/** True when a workflow did its work, or a part of it: not only told the beginning release what it would do. */
export function reached({ executions }: WorkflowRunner, workflowId: string): boolean {
	return executions.some((one) => one.workflowId === workflowId && !one.input.some(({ planOnly }) => planOnly));
}

/** What was run of one workflow, without the Release node's bookkeeping. */
export function ranOf({ called }: Pick<Ending, 'called'>, workflowId: string): string[] {
	const names = called
		.filter((entry) => entry.startsWith(`${workflowId}/`))
		.map((entry) => entry.slice(workflowId.length + 1));
	return names.filter((name) => !['Register plan', 'Release', 'Finish', 'Return verdict'].includes(name));
}

/** A container registry that knows every version, always under one digest. */
async function startRegistry(): Promise<Server> {
	const server = createServer((_, response) => response.writeHead(200, { 'docker-content-digest': DIGEST }).end());
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	return server;
}

/** Fresh copies of the exported workflows by id. */
function readWorkflows(): Workflows {
	const files = readdirSync(FOLDER).filter((file) => file.endsWith('.json'));
	const workflows = files.map(
		(file) => JSON.parse(readFileSync(path.join(FOLDER, file), 'utf8')) as WorkflowJson & { nodes: INode[] },
	);
	return Object.fromEntries(workflows.map((workflow) => [workflow.id, workflow]));
}
