import type { IExecuteFunctions, INodeExecutionData, INodeType, INodeTypeDescription } from 'n8n-workflow';
import { LEDGER_WHEN_RECORDING, releaseParameters } from '../shared/releaseParameters';
import { runOperations } from '../shared/runOperations';
import { verdictOutputs } from '../shared/verdictOutputs';
import { holdHttp } from './operations/holdHttp.operation';
import { http } from './operations/http.operation';
import { monitoring } from './operations/monitoring.operation';
import { postgres } from './operations/postgres.operation';
import { redis } from './operations/redis.operation';
import { tcp } from './operations/tcp.operation';
import { watchHttp } from './operations/watchHttp.operation';

const operations = [http, holdHttp, monitoring, postgres, redis, tcp, watchHttp];

export class HealthCheck implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Health Check',
		name: 'healthCheck',
		icon: { light: 'file:healthCheck.svg', dark: 'file:healthCheck.dark.svg' },
		group: ['transform'],
		version: [1],
		subtitle: '={{ $parameter.operation }}',
		description:
			'Judge whether addresses, ports, a Postgres database or a Redis server are healthy: passed, failed, or inconclusive',
		defaults: { name: 'Health Check' },
		inputs: ['main'],
		...verdictOutputs,
		credentials: [
			{ name: 'postgres', required: true, displayOptions: { show: { operation: ['postgres'] } } },
			{ name: 'redis', required: true, displayOptions: { show: { operation: ['redis'] } } },
			{
				name: 'httpHeaderAuth',
				required: true,
				displayOptions: {
					show: { operation: ['http', 'holdHttp', 'watchHttp'], authentication: ['headerAuth'] },
				},
			},
			{
				name: 'httpBasicAuth',
				required: true,
				displayOptions: {
					show: { operation: ['http', 'holdHttp', 'watchHttp'], authentication: ['accountInBody'] },
				},
			},
			LEDGER_WHEN_RECORDING,
		],
		properties: [
			{
				displayName: 'Operation',
				name: 'operation',
				type: 'options',
				noDataExpression: true,
				default: 'http',
				options: [
					{
						name: 'Check HTTP',
						value: 'http',
						action: 'Check HTTP targets',
						description: 'Ask addresses and compare status, JSON, text, version and certificate',
					},
					{
						name: 'Check Monitoring',
						value: 'monitoring',
						action: 'Check the monitoring itself',
						description: 'Whether every target is fresh, and a synthetic alert is routed and sent out',
					},
					{
						name: 'Check Postgres',
						value: 'postgres',
						action: 'Check a database',
						description: 'Connect and look at connections in use, standbys and activity',
					},
					{
						name: 'Check Redis',
						value: 'redis',
						action: 'Check a cache',
						description: 'Authenticate, ping, and look at role, memory and persistence',
					},
					{
						name: 'Check TCP',
						value: 'tcp',
						action: 'Check TCP ports',
						description: 'Connect to ports, such as those of a mail server',
					},
					{
						name: 'Watch HTTP',
						value: 'holdHttp',
						action: 'Watch HTTP targets',
						description:
							'Sample addresses until one sample is healthy or the failure has been held for long enough',
					},
					{
						name: 'Watch HTTP for a While',
						value: 'watchHttp',
						action: 'Watch HTTP targets for a while',
						description: 'Sample addresses for a whole window, and fail as soon as a failure has been held',
					},
				],
			},
			...operations.flatMap(({ description }) => description),
			...releaseParameters({
				http: '1.1/check-http',
				monitoring: '1.1/check-monitoring',
				postgres: '1.1/check-postgres',
				redis: '1.1/check-redis',
				tcp: '1.1/check-tcp',
				holdHttp: 'watch/health',
				watchHttp: 'rollback/watch',
			}),
		],
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await runOperations(this, { resultKey: 'health', operations });
	}
}
