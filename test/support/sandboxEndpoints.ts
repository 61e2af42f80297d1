import type { PostgresConnection } from '../../lib/support/postgres.client';

type Database = Omit<PostgresConnection, 'ssl'>;

/** Where the sandbox's services listen, as `node sandbox/serve.ts` prints it. */
export interface SandboxEndpoints {
	/** The superuser, for databases of a test's own. */
	readonly postgres: Database;
	readonly databases: {
		readonly production: Database;
		readonly scratch: Database;
		readonly operations: Database;
		readonly n8n: Database;
	};
	readonly redis: { readonly host: string; readonly port: number; readonly password: string };
	readonly s3: {
		readonly endpoint: string;
		readonly region: string;
		readonly accessKeyId: string;
		readonly secretAccessKey: string;
		readonly buckets: { readonly files: string; readonly filesBackup: string; readonly backups: string };
	};
	readonly kubernetes: {
		readonly url: string;
		readonly ca: string;
		readonly token: string;
		/** UID of its namespace kube-system. */
		readonly clusterUid: string;
	};
	readonly registry: { readonly url: string };
	readonly pager: { readonly url: string; readonly inboxUrl: string; readonly routingKey: string };
	readonly services: {
		readonly backend: string;
		readonly backendPreview: string;
		readonly frontend: string;
		readonly frontendPreview: string;
	};
	readonly testUser: { readonly email: string; readonly password: string };
	/** A user who may only look. */
	readonly reader: { readonly email: string; readonly password: string };
	readonly migrationsFolder: string;
}

/** The endpoints given by the test run's set-up. Fails loudly when there are none: a missing service is never a silent skip. */
export function sandboxEndpoints(): SandboxEndpoints {
	const text = process.env.SANDBOX_ENDPOINTS;
	if (text === undefined) throw new Error('SANDBOX_ENDPOINTS is not set: run the integration tests through npm test');
	return JSON.parse(text) as SandboxEndpoints;
}
