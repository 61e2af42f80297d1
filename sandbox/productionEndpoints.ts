import type { DatabaseEndpoint } from './createDatabases.ts';
import type { ServiceUrls } from './deployApplications.ts';
import type { StagingEndpoints } from './deployStaging.ts';
import type { EnvironmentEndpoints } from './environments.ts';
import type { ApiAddress } from './kubelet/connectToApi.ts';
import type { MonitoringEndpoints } from './monitoring.ts';

/** Everything that a client of the sandbox needs; it holds passwords. */
export interface ProductionEndpoints {
	readonly directory: string;
	/** The superuser of production's database server, for tests that make databases of their own, and for the rollback of the database. */
	readonly postgres: DatabaseEndpoint;
	/** `scratch`, `operations` and `n8n` are on a second server: neither ledger nor proof may hang on production's. */
	readonly databases: Readonly<Record<'production' | 'scratch' | 'operations' | 'n8n', DatabaseEndpoint>>;
	/** What production's backups are encrypted for. */
	readonly backupIdentity: { readonly secretKey: string; readonly recipient: string };
	readonly redis: { readonly host: string; readonly port: number; readonly password: string };
	readonly s3: {
		readonly endpoint: string;
		readonly region: string;
		readonly accessKeyId: string;
		readonly secretAccessKey: string;
		readonly buckets: {
			readonly files: string;
			readonly filesBackup: string;
			readonly backups: string;
			readonly stagingFiles: string;
		};
	};
	readonly kubernetes: ApiAddress & { readonly namespace: string; readonly clusterUid: string };
	readonly registry: { readonly url: string; readonly host: string };
	readonly pager: {
		readonly url: string;
		readonly enqueueUrl: string;
		readonly inboxUrl: string;
		readonly routingKey: string;
	};
	/** Null where it was not asked for, or where its programs are not installed. */
	readonly monitoring: MonitoringEndpoints | null;
	readonly mail: {
		readonly host: string;
		readonly port: number;
		readonly user: string;
		readonly password: string;
		readonly inboxUrl: string;
	};
	readonly services: ServiceUrls;
	/** Where production's releases run first. */
	readonly staging: StagingEndpoints;
	/** Production, whose own parts are the ones above, and the environments besides it. */
	readonly environments: Readonly<Record<string, EnvironmentEndpoints>>;
	readonly testUser: { readonly email: string; readonly password: string };
	/** A user who may only look. */
	readonly reader: { readonly email: string; readonly password: string };
	readonly migrationsFolder: string;
	readonly verificationQueries: string;
}
