/** Words between the thread that an engine runs in and the one that asks for it. All of it is copied, nothing is shared. */

/** The calls that the package makes to Prisma's schema engine. It has more, among them some that empty a database: the thread knows no others. */
export type EngineCall =
	'diagnoseMigrationHistory' | 'applyMigrations' | 'markMigrationApplied' | 'markMigrationRolledBack';

/** What the engine asks of the database. */
export type AdapterCall = 'queryRaw' | 'executeRaw' | 'executeScript';

/** What a thread is started with. */
export interface EngineThreadData {
	/** The compiled engine. */
	readonly module: object;
	/** Address (file URL) of the engine's glue module. */
	readonly glue: string;
	/** Address (file URL) of Prisma's driver-adapter-utils. */
	readonly adapterUtils: string;
	readonly provider: string;
	readonly adapterName: string;
	readonly connectionInfo: object;
}

export type ToEngine =
	| { readonly kind: 'call'; readonly id: number; readonly method: EngineCall; readonly input: unknown }
	| { readonly kind: 'answer'; readonly id: number; readonly value: unknown }
	/** `cause`: what a driver adapter says of a database error; absent when it is another one. */
	| { readonly kind: 'refusal'; readonly id: number; readonly cause?: unknown; readonly problem: string };

export type FromEngine =
	| { readonly kind: 'ready' }
	| { readonly kind: 'ask'; readonly id: number; readonly method: AdapterCall; readonly argument: unknown }
	| { readonly kind: 'result'; readonly id: number; readonly value: unknown }
	| { readonly kind: 'failure'; readonly id: number; readonly problem: string };
