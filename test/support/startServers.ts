/** A PostgreSQL server of a test's own. */
export interface TestServer {
	readonly host: string;
	readonly port: number;
	readonly user: string;
	readonly password: string;
	stop(): Promise<void>;
}

/** What is used here of the sandbox, which is a TypeScript project of its own. */
interface SandboxPostgres {
	startPostgres(options: { directory: string; extraSettings?: string }): Promise<TestServer>;
	startPostgresStandby(
		primary: TestServer,
		options: { directory: string; application: string; slot?: string },
	): Promise<TestServer>;
}

const SERVER = '../../sandbox/postgres.ts';
const STANDBY = '../../sandbox/postgresStandby.ts';

/** A temporary cluster; `directory` must not hold one yet, and be one that another system user may pass through. */
export async function startServer(options: { directory: string; extraSettings?: string }): Promise<TestServer> {
	return await ((await import(SERVER)) as SandboxPostgres).startPostgres(options);
}

/** A hot standby that streams from it. */
export async function startStandby(
	primary: TestServer,
	options: { directory: string; application: string; slot?: string },
): Promise<TestServer> {
	return await ((await import(STANDBY)) as SandboxPostgres).startPostgresStandby(primary, options);
}
