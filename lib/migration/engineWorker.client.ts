/**
 * Runs in a thread of its own: Prisma's schema engine, and a driver adapter that asks the thread which started it. It imports nothing of the
 * package but types, so that Node runs the source as it is, too.
 */
import { parentPort, workerData } from 'node:worker_threads';
import type * as adapterUtils from '@prisma/driver-adapter-utils' with { 'resolution-mode': 'import' };
import type * as engineModule from '@prisma/schema-engine-wasm/schema_engine_bg' with { 'resolution-mode': 'import' };
import type { AdapterCall, EngineCall, EngineThreadData, FromEngine, ToEngine } from './engineProtocol';

/** The part of the platform's WebAssembly that is used here; its full types come only with a browser's. */
declare const WebAssembly: {
	instantiate(
		module: object,
		imports: Readonly<Record<string, object>>,
	): Promise<{ readonly exports: { __wbindgen_start(): void } }>;
};

type Engine = engineModule.SchemaEngine;
interface Asked {
	resolve(value: unknown): void;
	reject(error: Error): void;
}

const CALLS: Readonly<Record<EngineCall, (engine: Engine, input: never) => Promise<unknown>>> = {
	diagnoseMigrationHistory: async (engine, input) => await engine.diagnoseMigrationHistory(input),
	applyMigrations: async (engine, input) => await engine.applyMigrations(input),
	markMigrationApplied: async (engine, input) => await engine.markMigrationApplied(input),
	markMigrationRolledBack: async (engine, input) => await engine.markMigrationRolledBack(input),
};

const asked = new Map<number, Asked>();

function tell(message: FromEngine): void {
	parentPort?.postMessage(message);
}

async function ask(method: AdapterCall, argument: unknown): Promise<unknown> {
	const id = asked.size === 0 ? 0 : Math.max(...asked.keys()) + 1;
	return await new Promise((resolve, reject) => {
		asked.set(id, { resolve, reject });
		tell({ kind: 'ask', id, method, argument });
	});
}

async function loadEngine({ module, glue }: EngineThreadData): Promise<typeof engineModule> {
	const engine = (await import(glue)) as typeof engineModule;
	const instance = await WebAssembly.instantiate(module, { './schema_engine_bg.js': { ...engine } });
	engine.__wbg_set_wasm(instance.exports);
	instance.exports.__wbindgen_start();
	return engine;
}

function adapterOver({ provider, adapterName, connectionInfo }: EngineThreadData): object {
	return {
		provider,
		adapterName,
		queryRaw: async (query: unknown) => await ask('queryRaw', query),
		executeRaw: async (query: unknown) => await ask('executeRaw', query),
		executeScript: async (script: unknown) => await ask('executeScript', script),
		startTransaction: async () => await Promise.reject(new Error('the engine asked for a transaction')),
		getConnectionInfo: () => connectionInfo,
		dispose: async () => await Promise.resolve(),
	};
}

async function startEngine(data: EngineThreadData, utils: typeof adapterUtils): Promise<Engine> {
	const { SchemaEngine } = await loadEngine(data);
	const { provider, adapterName } = data;
	const connect = async (): Promise<object> => await Promise.resolve(adapterOver(data));
	const factory = { provider, adapterName, connect, connectToShadowDb: connect };
	return await SchemaEngine.new(
		{ datamodels: undefined },
		() => undefined,
		utils.bindMigrationAwareSqlAdapterFactory(factory as never),
	);
}

async function answerCall(engine: Engine, { id, method, input }: Extract<ToEngine, { kind: 'call' }>): Promise<void> {
	try {
		tell({ kind: 'result', id, value: await CALLS[method](engine, input as never) });
	} catch (error) {
		tell({ kind: 'failure', id, problem: error instanceof Error ? error.message : String(error) });
	}
}

async function main(): Promise<void> {
	// Where the engine puts a panic's text before it traps; that may quote a script.
	Object.assign(globalThis, { PRISMA_WASM_PANIC_REGISTRY: { set_message: () => undefined } });
	const data = workerData as EngineThreadData;
	const utils = (await import(data.adapterUtils)) as typeof adapterUtils;
	const starting = startEngine(data, utils);
	// It looks at the database while it starts.
	parentPort?.on('message', (message: ToEngine) => {
		if (message.kind === 'call') void starting.then(async (engine) => await answerCall(engine, message));
		else hear(message, utils);
	});
	await starting;
	tell({ kind: 'ready' });
}

function hear(message: Exclude<ToEngine, { kind: 'call' }>, { DriverAdapterError }: typeof adapterUtils): void {
	const waiting = asked.get(message.id);
	asked.delete(message.id);
	if (message.kind === 'answer') waiting?.resolve(message.value);
	else if (message.cause === undefined) waiting?.reject(new Error(message.problem));
	else waiting?.reject(new DriverAdapterError(message.cause as never));
}

void main();
