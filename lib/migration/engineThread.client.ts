import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { AdapterCall, EngineCall, EngineThreadData, FromEngine, ToEngine } from './engineProtocol';

/** The part of the platform's WebAssembly that is used here; its full types come only with a browser's. */
declare const WebAssembly: { compile(bytes: Uint8Array): Promise<object> };

/** A database as the engine sees it: what Prisma calls a driver adapter, as far as the engine uses it. */
export interface EngineAdapter {
	readonly provider: string;
	readonly adapterName: string;
	readonly connectionInfo: object;
	readonly calls: Readonly<Record<AdapterCall, (argument: never) => Promise<unknown>>>;
}

/** Prisma's schema engine in a thread of its own. */
export interface EngineThread {
	/** Rejects with what the engine says, or with the reason for which its thread has ended. */
	call(method: EngineCall, input: object): Promise<unknown>;
	/** Ends the thread, whatever it is doing. */
	end(): Promise<void>;
}

interface Called {
	resolve(value: unknown): void;
	reject(error: Error): void;
}

const GLUE = '@prisma/schema-engine-wasm/schema_engine_bg';
const ADAPTER_UTILS = '@prisma/driver-adapter-utils';
/** The worker lies beside this file, as source or compiled as this one is. */
const WORKER = path.join(__dirname, `engineWorker.client${path.extname(__filename)}`);

let compiled: Promise<object> | undefined;

/**
 * A fresh engine for each operation: it keeps global state, and a panic leaves it unusable, or waiting for ever. In a thread that harms no
 * other operation, and all its memory is freed with it. It gets no environment and its panics' texts, which may quote scripts, go nowhere.
 */
export async function startEngineThread(adapter: EngineAdapter): Promise<EngineThread> {
	const glue = require.resolve(GLUE);
	compiled ??= compile(glue);
	const workerData: EngineThreadData = {
		module: await compiled,
		glue: pathToFileURL(glue).href,
		adapterUtils: pathToFileURL(require.resolve(ADAPTER_UTILS)).href,
		...{ provider: adapter.provider, adapterName: adapter.adapterName, connectionInfo: adapter.connectionInfo },
	};
	const worker = new Worker(WORKER, { workerData, env: {}, stdout: true, stderr: true });
	const called = new Map<number, Called>();
	let ended: Error | undefined;
	let calls = 0;
	const started = new Promise<void>((resolve, reject) => {
		const fail = (problem: string): void => {
			ended ??= new Error(`the schema engine's thread ended: ${problem}`);
			reject(ended);
			for (const { reject: rejectCall } of called.values()) rejectCall(ended);
			called.clear();
		};
		worker.on('error', (error: Error) => fail(error.message));
		worker.on('exit', () => fail('it was told to, or the process ends'));
		worker.on('message', (message: FromEngine) => {
			if (message.kind === 'ready') resolve();
			else if (message.kind === 'ask') void answer(worker, adapter, message);
			else settle(called, message);
		});
	});
	await started;
	return {
		call: async (method, input) =>
			await new Promise((resolve, reject) => {
				if (ended) {
					reject(ended);
					return;
				}
				calls += 1;
				called.set(calls, { resolve, reject });
				send(worker, { kind: 'call', id: calls, method, input });
			}),
		end: async () => {
			await worker.terminate();
		},
	};
}

function settle(called: Map<number, Called>, message: Extract<FromEngine, { kind: 'result' | 'failure' }>): void {
	const call = called.get(message.id);
	called.delete(message.id);
	if (message.kind === 'result') call?.resolve(message.value);
	else call?.reject(new Error(message.problem));
}

async function answer(
	worker: Worker,
	{ calls }: EngineAdapter,
	{ id, method, argument }: Extract<FromEngine, { kind: 'ask' }>,
): Promise<void> {
	try {
		send(worker, { kind: 'answer', id, value: await calls[method](argument as never) });
	} catch (error) {
		const { message, name, cause } = error as Error;
		const known = name === 'DriverAdapterError' ? { cause } : {};
		send(worker, { kind: 'refusal', id, problem: message, ...known });
	}
}

/** A thread that has ended gets nothing, and needs nothing. */
function send(worker: Worker, message: ToEngine): void {
	worker.postMessage(message);
}

async function compile(glue: string): Promise<object> {
	return await WebAssembly.compile(await readFile(glue.replace(/\.js$/, '.wasm')));
}
