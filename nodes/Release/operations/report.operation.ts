import { z } from 'zod';
import { type ClockBudgets, clockBudgetsSchema, DEFAULT_CLOCK_BUDGETS } from '../../../lib/release/clock/clockBudgets';
import type { RollbackPlace } from '../../../lib/release/report/model';
import { writeReport, type ReportPlace } from '../../../lib/release/report/writeReport';
import { parameterErrors } from '../../../lib/support/errors';
import { RunbookError } from '../../../lib/support/runbookError';
import { readLocation } from '../../PostgresBackup/locationFields';
import { releaseLedger } from '../../shared/credentials';
import { fieldsOf } from '../../shared/describeOperations';
import { objectStorage } from '../../shared/objectStorageCredential';
import type { Operation, ParameterReader } from '../../shared/operation';
import { readJson } from '../../shared/readJson';

interface Parameters {
	readonly releaseId: string;
	readonly place: ReportPlace;
	readonly budgets: ClockBudgets;
	readonly rollbackPlace: RollbackPlace;
	/** Whether a report that cannot be written stops the workflow. */
	readonly onFailure: 'stop' | 'report';
}

const workloadsSchema = z.array(z.object({ service: z.string(), container: z.string().default('') }));
const budgetsSchema = z.preprocess((value) => (isEmpty(value) ? DEFAULT_CLOCK_BUDGETS : value), clockBudgetsSchema);

/** Writes the report of a release, as it stands now, to object storage: a page for people and a JSON for machines. */
export const report: Operation<Parameters> = {
	name: 'report',
	kind: 'observe',
	resultKey: 'report',
	description: fieldsOf('report', [
		{
			displayName: 'Bucket',
			name: 'bucket',
			type: 'string',
			default: "={{ $('Configuration').first().json.backup.bucket }}",
			required: true,
			placeholder: 'e.g. case-management-backups',
			description: 'The bucket that reports are kept in. It must exist; it is never created.',
		},
		{
			displayName: 'Prefix',
			name: 'prefix',
			type: 'string',
			default: 'reports/',
			placeholder: 'e.g. reports/',
			description:
				'The folder inside the bucket. In it each release has a folder of its own, named by environment and release.',
		},
		{
			displayName: 'Public URL',
			name: 'publicUrl',
			type: 'string',
			default: '',
			placeholder: 'e.g. https://reports.example.com',
			description:
				'The address under which people reach the bucket; notifications then link to the page. Empty to give its place in object storage.',
		},
		{
			displayName: 'Clock Budgets',
			name: 'clockBudgets',
			type: 'json',
			default: "={{ $('Configuration').first().json.clocks }}",
			description:
				'How many minutes each phase and the rollback may take; the report judges by them. {} for the numbers of the runbook.',
		},
		{
			displayName: 'Namespace',
			name: 'namespace',
			type: 'string',
			default: "={{ $('Configuration').first().json.namespace }}",
			placeholder: 'e.g. production',
			description: 'Namespace of the workloads, for the kubectl lines that go back without n8n',
		},
		{
			displayName: 'Workloads',
			name: 'workloads',
			type: 'json',
			default: "={{ JSON.stringify($('Configuration').first().json.workloads) }}",
			placeholder: 'e.g. [{"service": "api", "container": "api"}]',
			description: 'The release set: the kubectl lines name the container of each service',
		},
		{
			displayName: 'On Failure',
			name: 'onReportFailure',
			type: 'options',
			noDataExpression: true,
			default: 'report',
			options: [
				{ name: 'Report', value: 'report', description: 'Go on and say in the result why it was not written' },
				{ name: 'Stop', value: 'stop', description: 'Stop the workflow' },
			],
			description: 'What happens when the report cannot be written. It never stops a rollback unless you say so.',
		},
	]),
	readParameters: (context, itemIndex) => ({
		releaseId: String(context.getNodeParameter('releaseId', itemIndex)),
		place: { ...readLocation(context, itemIndex), publicUrl: readPublicUrl(context, itemIndex) },
		budgets: readJson(context, {
			itemIndex,
			name: 'clockBudgets',
			whenAbsent: {},
			schema: budgetsSchema,
			remedy: 'Correct the clock budgets, or write {} for the numbers of the runbook',
		}),
		rollbackPlace: readRollbackPlace(context, itemIndex),
		onFailure: context.getNodeParameter('onReportFailure', itemIndex, 'report') === 'stop' ? 'stop' : 'report',
	}),
	plan: ({ place }) => ({ key: '', inputs: { bucket: place.bucket, prefix: place.prefix } }),
	run: async ({ parameters, open, clock, signal, log }) => {
		try {
			const ledger = await open(releaseLedger);
			const store = await open(objectStorage);
			const written = await writeReport(ledger, store, { ...parameters, now: clock.now(), signal });
			return {
				result: {
					...written,
					written: true,
					html: { ...written.html },
					json: { ...written.json },
					verdicts: { ...written.verdicts },
				},
			};
		} catch (error) {
			if (parameters.onFailure === 'stop' || !(error instanceof RunbookError)) throw error;
			log(`the report was not written: ${error.message}`);
			return { result: { written: false, url: `not written (${error.code})`, problem: error.message } };
		}
	},
};

function readPublicUrl(context: ParameterReader, itemIndex: number): string {
	const text = String(context.getNodeParameter('publicUrl', itemIndex, '') ?? '').trim();
	if (text === '') return '';
	const url = URL.canParse(text) ? new URL(text) : undefined;
	const isPlain =
		url !== undefined && url.username === '' && url.password === '' && url.search === '' && url.hash === '';
	if (isPlain && (url.protocol === 'https:' || url.protocol === 'http:')) return text;
	throw parameterErrors.INVALID({
		field: 'publicUrl',
		problem: 'it is not an address without user, password and query',
		remedy: 'Give a URL that starts with https://, or leave it empty',
	});
}

function readRollbackPlace(context: ParameterReader, itemIndex: number): RollbackPlace {
	const workloads = readJson(context, {
		itemIndex,
		name: 'workloads',
		whenAbsent: [],
		schema: workloadsSchema,
		remedy: 'Correct the field "workloads" of the configuration workflow, or write []',
	});
	return {
		namespace: String(context.getNodeParameter('namespace', itemIndex, '') ?? '').trim(),
		containers: Object.fromEntries(workloads.map(({ service, container }) => [service, container])),
	};
}

function isEmpty(value: unknown): boolean {
	return value === null || value === undefined || (typeof value === 'object' && Object.keys(value).length === 0);
}
