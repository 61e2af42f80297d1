import { Redis } from 'ioredis';
import { Pool } from 'pg';
import { createCaseRoutes } from './caseRoutes.ts';
import { requireVariable } from './configuration.ts';
import type { Configuration } from './configuration.ts';
import { createFileRoutes } from './fileRoutes.ts';
import { createHealthRoute } from './healthRoute.ts';
import { createLiveRoutes } from './liveRoutes.ts';
import type { Route } from './route.ts';
import { createSessionRoutes } from './sessionRoutes.ts';

/** An application's routes, and how to let go of what they hold. */
export interface ApplicationParts {
	readonly routes: readonly Route[];
	close(): Promise<void>;
}

/** Builds the backend on the services that its environment names: DATABASE_URL, REDIS_URL, S3_*. */
export function createBackend(configuration: Configuration, isServing: () => boolean): ApplicationParts {
	const database = new Pool({
		connectionString: requireVariable('DATABASE_URL'),
		max: 8,
		connectionTimeoutMillis: 3_000,
		application_name: `backend ${configuration.version}`,
	});
	database.on('error', (error) => console.error(`database connection lost: ${error.message}`));
	const redis = new Redis(requireVariable('REDIS_URL'), { maxRetriesPerRequest: 1, connectTimeout: 3_000 });
	redis.on('error', (error: Error) => console.error(`redis: ${error.message}`));
	const sessions = createSessionRoutes({ database, redis });
	const checks = { database: () => database.query('SELECT 1'), redis: () => redis.ping() };
	return {
		routes: [
			createHealthRoute({
				path: /^\/health$/,
				label: '/health',
				version: configuration.version,
				isServing,
				checks,
			}),
			...sessions.routes,
			...createLiveRoutes(),
			...createCaseRoutes({ database, requireUser: sessions.requireUser, version: configuration.version }),
			...createFileRoutes({ database, requireUser: sessions.requireUser }),
		],
		async close() {
			redis.disconnect();
			await database.end();
		},
	};
}
