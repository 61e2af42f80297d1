import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { INode } from 'n8n-workflow';
import type { Release } from '../../lib/release/model';
import { loadEngine, type Engine } from './engine';
import { createLedgerDatabase, type LedgerDatabase } from './ledgerDatabase';
import { WorkflowRunner, type Execution, type Replacement, type WorkflowJson } from './runWorkflow';
import { scriptOperations, type OperationScript, type ScriptedOutcome } from './scriptOperations';

const FOLDER = path.resolve(__dirname, '..', '..', 'workflows');
/** The migrations of the sandbox's application: the configuration names a folder of the operator's host. */
const MIGRATIONS = path.resolve(__dirname, '..', '..', 'sandbox', 'app', 'prisma', 'migrations');
const DIGEST = `sha256:${'a'.repeat(64)}`;

/** The signed request of a CI, as the Release Webhook gives it out. */
export const REQUEST = {
	version: '2026.11.2',
	environment: 'production',
	commit: '4f9c2a1',
	startedBy: 'ci',
	deliveryId: 'msg_1',
	images: [],
};

/** What later steps read from earlier ones, as the real operations give it. */
const USUAL: Readonly<Record<string, ScriptedOutcome>> = {
	'phase-1-pre-deploy/Create backup': { result: { backupId: '20261123T064012Z-3f9a1c2b4d5e' } },
};

/** How one release differs from the one in which all goes well. */
export interface Plot {
	/** By `workflowId/Node name`. */
	readonly outcomes?: Readonly<Record<string, ScriptedOutcome>>;
	readonly replace?: Readonly<Record<string, Replacement>>;
	/** Changes the workflows on the canvas; it is given copies. */
	readonly edit?: (workflows: Record<string, WorkflowJson & { nodes: INode[] }>) => void;
	/** What people answer at a gate, by `workflowId/Node name`; `expire`: nobody does. Absent: they approve. */
	readonly answers?: Readonly<Record<string, 'approve' | 'reject' | 'expire'>>;
}

export interface Ending {
	readonly runner: WorkflowRunner;
	readonly started: Execution;
	/** Operations that were run, as `workflowId/Node name`. */
	readonly called: readonly string[];
	readonly release: Release | undefined;
}

/** The exported workflows, the real engine, the package's build and a real ledger; only the outside world is scripted. */
export class Stage {
	readonly #engine: Engine;
	readonly #script: OperationScript;
	readonly #database: LedgerDatabase;
	readonly #registry: Server;

	private constructor(
		engine: Engine,
		script: OperationScript,
		{ database, registry }: { database: LedgerDatabase; registry: Server },
	) {
		this.#engine = engine;
		this.#script = script;
		this.#database = database;
		this.#registry = registry;
	}

	static async build(): Promise<Stage> {
		const script = scriptOperations();
		const engine = await loadEngine({ withPackage: true });
		const [database, registry] = await Promise.all([createLedgerDatabase(), startRegistry()]);
		return new Stage(engine, script, { database, registry });
	}

	/** Gives back what build() took. */
	async strike(): Promise<void> {
		this.#registry.closeAllConnections();
		await new Promise((resolve) => this.#registry.close(resolve));
		await this.#database.drop();
	}

	get database(): LedgerDatabase {
		return this.#database;
	}

	/** A runner for one story on an empty ledger. */
	async open({ outcomes = {}, replace = {}, edit }: Plot): Promise<WorkflowRunner> {
		await this.#database.clear();
		this.#script.outcomes = { ...USUAL, ...outcomes };
		this.#script.called.length = 0;
		const workflows = readWorkflows();
		configure(workflows, `127.0.0.1:${(this.#registry.address() as AddressInfo).port}`);
		edit?.(workflows);
		const { host, port, database, user, password } = this.#database.connection;
		return new WorkflowRunner({
			engine: this.#engine,
			workflows,
			replace,
			credentials: { releaseLedger: { host, port, database, user, password, ssl: 'disable' } },
		});
	}

	/** Sends the CI's request and answers at every gate until nothing waits any more. */
	async deploy(plot: Plot = {}): Promise<Ending> {
		const runner = await this.open(plot);
		const started = await runner.start('deploy-production', {
			at: 'Release webhook',
			items: [REQUEST],
			mode: 'webhook',
		});
		await answerGates(runner, plot.answers ?? {});
		return { runner, started, called: [...this.#script.called], release: await this.#release(runner) };
	}

	/** What was run since the story was opened. */
	get called(): readonly string[] {
		return this.#script.called;
	}

	/** Lets the outside world change while a story goes on. */
	set(name: string, outcome: ScriptedOutcome): void {
		this.#script.outcomes[name] = outcome;
	}

	async #release(runner: WorkflowRunner): Promise<Release | undefined> {
		const given = runner.output('deploy-production', 'Release', 2)?.[0]?.release as { id?: string } | undefined;
		return given?.id === undefined ? undefined : await this.#database.ledger.readRelease(given.id);
	}
}

async function answerGates(runner: WorkflowRunner, answers: NonNullable<Plot['answers']>): Promise<void> {
	for (let gates = 0; gates < 10; gates += 1) {
		const [waiting] = runner.waiting();
		if (!waiting) return;
		const answer = answers[runner.waitsAt(waiting)] ?? 'approve';
		if (answer === 'expire') await runner.expire(waiting);
		else
			await runner.submitForm(waiting, {
				Decision: answer === 'approve' ? 'Approve' : 'Reject',
				'Your name': 'Release manager',
				Comment: '',
			});
	}
	throw new Error('more than ten gates: a workflow waits in a circle');
}

/** What an operator does after the import: edits the one Set node of the configuration. */
function configure(workflows: Record<string, { nodes: INode[] }>, registry: string): void {
	const settings = workflows.configuration?.nodes.find(({ name }) => name === 'Settings');
	if (!settings) throw new Error('the configuration has no node Settings');
	const json = JSON.parse(settings.parameters.jsonOutput as string) as Record<string, unknown>;
	const text = JSON.stringify({ ...json, migrationsFolder: MIGRATIONS });
	settings.parameters.jsonOutput = text.replaceAll('registry.example.com/', `${registry}/`);
}

/** A container registry that knows every version, always under one digest. */
async function startRegistry(): Promise<Server> {
	const server = createServer((_, response) => response.writeHead(200, { 'docker-content-digest': DIGEST }).end());
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	return server;
}

/** Fresh copies of the exported workflows by id. */
export function readWorkflows(): Record<string, WorkflowJson & { nodes: INode[] }> {
	const files = readdirSync(FOLDER).filter((file) => file.endsWith('.json'));
	const workflows = files.map(
		(file) => JSON.parse(readFileSync(path.join(FOLDER, file), 'utf8')) as WorkflowJson & { nodes: INode[] },
	);
	return Object.fromEntries(workflows.map((workflow) => [workflow.id, workflow]));
}
