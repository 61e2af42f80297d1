import type { IExecuteFunctions, INodeExecutionData, INodeType, INodeTypeDescription } from 'n8n-workflow';
import { LEDGER_WHEN_RECORDING, releaseParameters } from '../shared/releaseParameters';
import { runOperations } from '../shared/runOperations';
import { outputsFor } from '../shared/verdictOutputs';
import { deploy } from './operations/deploy.operation';
import { lint } from './operations/lint.operation';
import { rehearse } from './operations/rehearse.operation';
import { resolve } from './operations/resolve.operation';
import { status } from './operations/status.operation';
import { unpack } from './operations/unpack.operation';

const operations = [deploy, lint, rehearse, resolve, status, unpack];

export class PrismaMigrate implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Prisma Migrate',
		name: 'prismaMigrate',
		icon: { light: 'file:prismaMigrate.svg', dark: 'file:prismaMigrate.dark.svg' },
		group: ['transform'],
		version: [1],
		subtitle: '={{ $parameter.operation }}',
		description:
			'Tell whether Prisma migrations can be deployed safely and what they risk, and deploy them without ever queueing behind another deployment',
		defaults: { name: 'Prisma Migrate' },
		inputs: ['main'],
		...outputsFor(['lint', 'rehearse', 'status']),
		credentials: [
			{ name: 'postgres', required: true, displayOptions: { hide: { operation: ['unpack'] } } },
			{ name: 'scratchPostgres', required: true, displayOptions: { show: { operation: ['rehearse'] } } },
			{
				name: 's3',
				// Deploy needs it only in a release, which cannot be said beside what Unpack needs: without it, both say so.
				required: false,
				displayOptions: {
					show: { operation: ['deploy', 'unpack'] },
					// Only backups of class A are kept by this package.
					hide: { leastProof: ['B', 'C'] },
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
				default: 'status',
				options: [
					{
						name: 'Deploy',
						value: 'deploy',
						action: 'Deploy migrations',
						description:
							'Apply the pending migrations; whatever is not safe is refused before the first one',
					},
					{
						name: 'Lint',
						value: 'lint',
						action: 'Lint migrations',
						description:
							'Tell from the pending SQL whether the version that serves now may go on: the risk card of the release',
					},
					{
						name: 'Rehearse',
						value: 'rehearse',
						action: 'Rehearse migrations',
						description:
							'Apply what a deployment would apply to a scratch database, and tell durations, locks and rewritten tables',
					},
					{
						name: 'Resolve',
						value: 'resolve',
						action: 'Resolve a failed migration',
						description:
							'Write into the history that a failed migration was applied or rolled back, once the database proves it',
					},
					{
						name: 'Status',
						value: 'status',
						action: 'Get the migration status',
						description:
							'Compare the folder with the database: pending, failed, edited, missing, out of order',
					},
					{
						name: 'Unpack',
						value: 'unpack',
						action: 'Unpack migrations',
						description:
							'Bring a migrations folder from an archive in object storage, or in the item, to this host',
					},
				],
			},
			...operations.flatMap(({ description }) => description),
			...releaseParameters({
				status: '2.1/migration-status',
				lint: '2.1/lint',
				rehearse: '2.1/rehearse',
				resolve: '2.1/resolve',
				unpack: '2.1/unpack',
				deploy: '2.1/deploy-migrations',
			}),
		],
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await runOperations(this, { resultKey: 'migration', operations });
	}
}
