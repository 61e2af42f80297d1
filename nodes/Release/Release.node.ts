import type { IExecuteFunctions, INodeExecutionData, INodeType, INodeTypeDescription } from 'n8n-workflow';
import { testLedgerCredential } from '../shared/testPostgresCredential';
import { releaseContextParameters } from '../shared/releaseParameters';
import { runOperations } from '../shared/runOperations';
import { outputsFor } from '../shared/verdictOutputs';
import { answerChecklist } from './operations/answerChecklist.operation';
import { begin } from './operations/begin.operation';
import { declareFreeze } from './operations/declareFreeze.operation';
import { finish } from './operations/finish.operation';
import { get } from './operations/get.operation';
import { join } from './operations/join.operation';
import { plan } from './operations/plan.operation';
import { liftFreeze } from './operations/liftFreeze.operation';
import { list } from './operations/list.operation';
import { lookAfter } from './operations/lookAfter.operation';
import { readFailure } from './operations/readFailure.operation';
import { registerPlan } from './operations/registerPlan.operation';
import { report } from './operations/report.operation';
import { returnVerdict } from './operations/returnVerdict.operation';
import { startWatch } from './operations/startWatch.operation';
import { takeOver } from './operations/takeOver.operation';
import { operationFields } from './releaseOperations';

const operations = [
	answerChecklist,
	begin,
	declareFreeze,
	finish,
	get,
	join,
	liftFreeze,
	list,
	lookAfter,
	plan,
	readFailure,
	registerPlan,
	report,
	returnVerdict,
	startWatch,
	takeOver,
];

export class Release implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Release',
		name: 'release',
		icon: { light: 'file:release.svg', dark: 'file:release.dark.svg' },
		group: ['transform'],
		version: [1],
		subtitle: '={{ $parameter.operation }}',
		description:
			'Begin, join and finish a release in the ledger that locks the environment and remembers every step',
		defaults: { name: 'Release' },
		inputs: ['main'],
		...outputsFor(['answerChecklist', 'begin']),
		credentials: [
			{ name: 'releaseLedger', required: true, testedBy: 'ledgerConnection' },
			{ name: 's3', required: true, displayOptions: { show: { operation: ['report'] } } },
		],
		properties: [
			...operationFields,
			...operations.flatMap(({ description }) => description),
			...releaseContextParameters,
		],
	};

	methods = { credentialTest: { ledgerConnection: testLedgerCredential } };

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await runOperations(this, { resultKey: 'release', operations });
	}
}
