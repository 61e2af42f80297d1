import { readFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import type * as engineModule from '@prisma/schema-engine-wasm/schema_engine_bg' with { 'resolution-mode': 'import' };

type EngineModule = typeof engineModule;

/** The part of the platform's WebAssembly that is used here; its full types come only with a browser's. */
declare const WebAssembly: {
	compile(bytes: Uint8Array): Promise<object>;
	instantiate(
		module: object,
		imports: Readonly<Record<string, object>>,
	): Promise<{ readonly exports: { __wbindgen_start(): void } }>;
};

/** Prisma's schema engine, loaded for one operation. */
export interface WasmEngine {
	readonly SchemaEngine: EngineModule['SchemaEngine'];
	/** Lets go of its memory; nothing of it may be called afterwards. */
	retire(): void;
}

const GLUE = '@prisma/schema-engine-wasm/schema_engine_bg';
/** Late callbacks of a retired engine (promises of a cancelled call) end here and do nothing. */
const RETIRED: unknown = new Proxy({}, { get: () => () => undefined });

let compiled: Promise<object> | undefined;
let copies = 0;

/**
 * A fresh engine for each operation: its own glue module (the query makes a copy) and its own WebAssembly instance, so that a
 * panic or a cancelled call harms no other operation. Measured: 30 ms to compile once per process, then 13 ms and 85 kB of
 * glue (never freed by Node) per copy; the instance's memory is freed. Migrations are few, so that is cheap.
 */
export async function loadWasmEngine(): Promise<WasmEngine> {
	const glue = require.resolve(GLUE);
	compiled ??= compile(glue);
	const engine = (await import(`${pathToFileURL(glue).href}?copy=${(copies += 1)}`)) as EngineModule;
	const timers: NodeJS.Timeout[] = [];
	const instance = await WebAssembly.instantiate(await compiled, {
		'./schema_engine_bg.js': { ...engine, ...trackedTimers(engine, timers) },
	});
	engine.__wbg_set_wasm(instance.exports);
	instance.exports.__wbindgen_start();
	const retire = (): void => {
		for (const timer of timers) clearTimeout(timer);
		engine.__wbg_set_wasm(RETIRED);
	};
	return { SchemaEngine: engine.SchemaEngine, retire };
}

/** The engine starts a timer of ten seconds for each lock and never clears it; it would keep a process alive that long. */
function trackedTimers(engine: object, timers: NodeJS.Timeout[]): Record<string, object> {
	const names = Object.keys(engine).filter((name) => name.startsWith('__wbg_setTimeout_'));
	const start = (callback: () => void, delayMs: number): NodeJS.Timeout => {
		const timer = setTimeout(callback, delayMs);
		timers.push(timer);
		return timer;
	};
	return Object.fromEntries(names.map((name) => [name, start]));
}

async function compile(glue: string): Promise<object> {
	return await WebAssembly.compile(await readFile(glue.replace(/\.js$/, '.wasm')));
}
