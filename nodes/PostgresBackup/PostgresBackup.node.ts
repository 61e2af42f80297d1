import type { IExecuteFunctions, INodeExecutionData, INodeType, INodeTypeDescription } from 'n8n-workflow';
import { LEDGER_WHEN_RECORDING, releaseParameters } from '../shared/releaseParameters';
import { runOperations } from '../shared/runOperations';
import { outputsFor } from '../shared/verdictOutputs';
import { operationFields } from './backupOperations';
import { checkAccess } from './operations/checkAccess.operation';
import { create } from './operations/create.operation';
import { list } from './operations/list.operation';
import { previewRestore } from './operations/previewRestore.operation';
import { prove } from './operations/prove.operation';
import { prune } from './operations/prune.operation';
import { restore } from './operations/restore.operation';
import { swapBack } from './operations/swapBack.operation';
import { sweepScratch } from './operations/sweepScratch.operation';
import { verify } from './operations/verify.operation';
import { testBackupIdentity } from './testBackupIdentity';
import { testScratchCredential } from './testScratchCredential';

const operations = [checkAccess, create, list, previewRestore, prove, prune, restore, swapBack, sweepScratch, verify];

export class PostgresBackup implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Postgres Backup',
		name: 'postgresBackup',
		icon: { light: 'file:postgresBackup.svg', dark: 'file:postgresBackup.dark.svg' },
		group: ['transform'],
		version: [1],
		subtitle: '={{ $parameter.operation }}',
		description: 'Back a Postgres database up to object storage, and prove the backup by restoring it',
		defaults: { name: 'Postgres Backup' },
		inputs: ['main'],
		...outputsFor(['checkAccess', 'prove', 'verify', 'previewRestore']),
		credentials: [
			{
				name: 'postgres',
				required: true,
				displayOptions: {
					show: { operation: ['checkAccess', 'create', 'prove', 'previewRestore', 'restore', 'swapBack'] },
				},
			},
			{
				name: 'scratchPostgres',
				required: true,
				testedBy: 'scratchServer',
				displayOptions: {
					show: { operation: ['checkAccess', 'prove', 'verify', 'sweepScratch'] },
					hide: { proofClass: ['B'] },
				},
			},
			{
				name: 's3',
				required: true,
				displayOptions: {
					show: {
						operation: [
							'checkAccess',
							'create',
							'list',
							'prove',
							'verify',
							'prune',
							'previewRestore',
							'restore',
						],
					},
					// Fields of Prove; the other operations have none of them.
					hide: { proofClass: ['C'], reportFrom: ['field', 'tool'] },
				},
			},
			{
				name: 'backupIdentity',
				required: true,
				testedBy: 'backupIdentity',
				displayOptions: { show: { operation: ['verify', 'restore'], encrypted: [true] } },
			},
			LEDGER_WHEN_RECORDING,
		],
		properties: [
			...operationFields,
			...operations.flatMap(({ description }) => description),
			...releaseParameters({
				checkAccess: '1.1/check-backup-access',
				create: '1.2/create-backup',
				prove: '1.2/verify-backup',
				verify: '1.2/verify-backup',
				previewRestore: 'database/preview-restore',
				restore: 'database/restore',
				swapBack: 'database/swap-back',
			}),
		],
	};

	methods = { credentialTest: { scratchServer: testScratchCredential, backupIdentity: testBackupIdentity } };

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await runOperations(this, { resultKey: 'backup', operations });
	}
}
