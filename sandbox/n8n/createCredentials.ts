import { idIn, titleIn, viewFrom } from '../environments.ts';
import type { ProductionEndpoints } from '../production.ts';
import type { N8nCredential } from './startN8n.ts';

/** What signs requests: the CI's releases, and the links that approvers get. */
export interface SandboxSecrets {
	readonly webhook: string;
	readonly approvalLinks: string;
}

/**
 * The sandbox's endpoints as the credentials that the exported workflows name, under the same ids; besides production, one
 * set for each environment under ids of its own.
 */
export function createCredentials(endpoints: ProductionEndpoints, secrets: SandboxSecrets): N8nCredential[] {
	return Object.keys(endpoints.environments).flatMap((environment) =>
		createSet(viewFrom(endpoints, environment), secrets).map(({ id, name, ...credential }) => ({
			id: idIn(environment, id),
			name: titleIn(environment, name),
			...credential,
		})),
	);
}

function createSet(endpoints: ProductionEndpoints, secrets: SandboxSecrets): N8nCredential[] {
	const { databases, backupIdentity, redis, s3, kubernetes, pager, mail, testUser, reader, staging } = endpoints;
	const postgres = ({ host, port, database, user, password }: (typeof databases)['production']) => ({
		host,
		port,
		database,
		user,
		password,
		ssl: 'disable',
		allowUnauthorizedCerts: false,
	});
	const cluster = {
		authentication: 'token',
		serverUrl: kubernetes.url,
		certificateAuthority: kubernetes.ca,
		bearerToken: kubernetes.token,
	};
	return [
		{ id: 'release-ledger', name: 'Release ledger', type: 'releaseLedger', data: postgres(databases.operations) },
		{
			id: 'production-database',
			name: 'Production database',
			type: 'postgres',
			data: { ...postgres(databases.production), sshTunnel: false },
		},
		{
			id: 'production-db-admin',
			name: 'Production database administrator',
			type: 'postgres',
			data: { ...postgres({ ...endpoints.postgres, database: databases.production.database }), sshTunnel: false },
		},
		{
			id: 'scratch-database',
			name: 'Scratch database server',
			type: 'scratchPostgres',
			data: postgres(databases.scratch),
		},
		{
			id: 'backup-identity',
			name: 'Backup identity',
			type: 'backupIdentity',
			data: { secretKey: backupIdentity.secretKey },
		},
		{
			id: 'deployment-webhook',
			name: 'Deployment webhook',
			type: 'deploymentWebhook',
			data: { secret: secrets.webhook },
		},
		{
			id: 'approval-links',
			name: 'Approval links',
			type: 'approvalLinks',
			data: { secret: secrets.approvalLinks },
		},
		{
			id: 'production-redis',
			name: 'Production Redis',
			type: 'redis',
			data: { host: redis.host, port: redis.port, password: redis.password, user: '', database: 0, ssl: false },
		},
		{
			id: 'object-storage',
			name: 'Object storage',
			type: 's3',
			data: {
				endpoint: s3.endpoint,
				region: s3.region,
				accessKeyId: s3.accessKeyId,
				secretAccessKey: s3.secretAccessKey,
				forcePathStyle: true,
				ignoreSSLIssues: false,
			},
		},
		{
			id: 'production-cluster',
			name: 'Production cluster',
			type: 'kubernetesCluster',
			data: { ...cluster, namespace: kubernetes.namespace },
		},
		{
			id: 'staging-cluster',
			name: 'Staging cluster',
			type: 'kubernetesCluster',
			data: { ...cluster, namespace: staging.namespace },
		},
		{
			id: 'pager',
			name: 'Pager',
			type: 'pagerDutyEvents',
			data: { routingKey: pager.routingKey, baseUrl: pager.url },
		},
		{
			id: 'mail',
			name: 'Mail',
			type: 'smtp',
			data: {
				user: mail.user,
				password: mail.password,
				host: mail.host,
				port: mail.port,
				secure: false,
				disableStartTls: true,
				hostName: '',
			},
		},
		{
			id: 'test-account',
			name: 'Test account',
			type: 'httpBasicAuth',
			data: { user: testUser.email, password: testUser.password },
		},
		{
			// The sandbox audits nothing.
			id: 'lighthouse-api',
			name: 'Lighthouse API',
			type: 'httpHeaderAuth',
			data: { name: 'X-Goog-Api-Key', value: 'none' },
		},
		{
			id: 'staging-account',
			name: 'Staging account',
			type: 'httpBasicAuth',
			data: { user: staging.user.email, password: staging.user.password },
		},
		{
			id: 'synthetic-accounts',
			name: 'Synthetic accounts',
			type: 'syntheticAccounts',
			data: {
				user: testUser.email,
				password: testUser.password,
				otherUser: reader.email,
				otherPassword: reader.password,
			},
		},
	];
}
