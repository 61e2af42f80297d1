import { Redis } from 'ioredis';
import { Pool } from 'pg';
import type { ApplicationParts } from './backend.ts';
import { requireVariable } from './configuration.ts';
import type { Configuration } from './configuration.ts';
import { createHealthRoute } from './healthRoute.ts';

/** A Redis hash: how often the workers of each version have done their work. */
export const workerRunsKey = 'case-worker:runs';
const runEveryMs = 1_000;

/**
 * The worker that runs the backend's image by another command: every second it counts the open cases, and notes under its version that it did. It
 * takes no traffic; its health route is for the kubelet. DATABASE_URL, REDIS_URL as the backend's.
 */
export function createWorker({ version }: Configuration, isServing: () => boolean): ApplicationParts {
	const database = new Pool({
		connectionString: requireVariable('DATABASE_URL'),
		max: 2,
		connectionTimeoutMillis: 3_000,
		application_name: `worker ${version}`,
	});
	database.on('error', (error) => console.error(`database connection lost: ${error.message}`));
	const redis = new Redis(requireVariable('REDIS_URL'), { maxRetriesPerRequest: 1, connectTimeout: 3_000 });
	redis.on('error', (error: Error) => console.error(`redis: ${error.message}`));

	async function run(): Promise<void> {
		const { rows } = await database.query<{ open: string }>(
			"SELECT count(*) AS open FROM cases WHERE status = 'open'",
		);
		await redis
			.multi()
			.set('case-worker:open-cases', rows[0]?.open ?? '0')
			.hincrby(workerRunsKey, version, 1)
			.exec();
	}

	let running: Promise<void> = Promise.resolve();
	let busy = false;
	const timer = setInterval(() => {
		// A run that takes longer than a second is not overtaken, and a draining worker begins none.
		if (busy || !isServing()) return;
		busy = true;
		running = run()
			.catch((error: unknown) =>
				console.error(`run failed: ${error instanceof Error ? error.message : String(error)}`),
			)
			.finally(() => {
				busy = false;
			});
	}, runEveryMs);

	return {
		routes: [
			createHealthRoute({
				path: /^\/health$/,
				label: '/health',
				version,
				isServing,
				checks: { database: () => database.query('SELECT 1'), redis: () => redis.ping() },
			}),
		],
		async close() {
			clearInterval(timer);
			await running;
			redis.disconnect();
			await database.end();
		},
	};
}
