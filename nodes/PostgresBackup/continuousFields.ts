import type { INodeProperties } from 'n8n-workflow';
import { z } from 'zod';
import type { ContinuousPolicy, DrillRecord, ReportTool } from '../../lib/backup/proof/model';
import type { ParameterReader } from '../shared/operation';
import { readJson } from '../shared/readJson';
import { readNumber } from '../shared/readNumber';
import { invalidField } from './invalidField';

const FOR_B = { show: { proofClass: ['B'] } };

/** What is asked for a continuous backup. */
export const continuousFields: INodeProperties[] = [
	{
		displayName: 'Tool',
		name: 'tool',
		type: 'options',
		default: 'pgbackrest',
		options: [
			{ name: 'Barman', value: 'barman' },
			{ name: 'pgBackRest', value: 'pgbackrest' },
			{ name: 'WAL-G', value: 'walg' },
		],
		displayOptions: FOR_B,
		description: 'Whose report is read',
	},
	{
		displayName: 'Stanza or Server',
		name: 'clusterName',
		type: 'string',
		default: 'main',
		required: true,
		placeholder: 'e.g. main',
		displayOptions: FOR_B,
		description: "PgBackRest's stanza or Barman's server; WAL-G has no such name and ignores it",
	},
	{
		displayName: 'Report From',
		name: 'reportFrom',
		type: 'options',
		default: 'field',
		options: [
			{
				name: 'A Program on This Machine',
				value: 'tool',
				description: 'The tool is run where n8n runs, with fixed arguments',
			},
			{
				name: 'An Object in Storage',
				value: 'storage',
				description: 'A job on the database host stores it there',
			},
			{ name: 'The Field Below', value: 'field', description: 'An earlier node fetched it' },
		],
		displayOptions: FOR_B,
		description: 'How the report comes here',
	},
	{
		displayName: 'Report',
		name: 'report',
		type: 'json',
		default: '',
		placeholder: 'e.g. {{ $json.stdout }}',
		displayOptions: { show: { proofClass: ['B'], reportFrom: ['field'] } },
		description:
			'The JSON as the tool wrote it, as text: a number such as the system identifier must not be rounded',
	},
	{
		displayName: 'Report Bucket',
		name: 'reportBucket',
		type: 'string',
		default: '',
		placeholder: 'e.g. case-management-backups',
		displayOptions: { show: { proofClass: ['B'], reportFrom: ['storage'] } },
		description: 'The bucket that the report is in',
	},
	{
		displayName: 'Report Key',
		name: 'reportKey',
		type: 'string',
		default: '',
		placeholder: 'e.g. reports/pgbackrest.json',
		displayOptions: { show: { proofClass: ['B'], reportFrom: ['storage'] } },
		description: 'The object that is the report',
	},
	{
		displayName: 'Configuration File',
		name: 'configFile',
		type: 'string',
		default: '',
		placeholder: 'e.g. /etc/pgbackrest/pgbackrest.conf',
		displayOptions: { show: { proofClass: ['B'], reportFrom: ['tool'] } },
		description: "The tool's own configuration; empty for its default",
	},
	{
		displayName: 'Last Restore Drill',
		name: 'drill',
		type: 'json',
		default: '',
		placeholder: 'e.g. {"restoredAt":"2026-11-01T08:00:00Z","minutes":14}',
		displayOptions: FOR_B,
		description: 'When this backup was restored last, and how long that took. Without it nothing is proven.',
	},
	...(
		[
			['Oldest Base Backup (Hours)', 'maxBackupAgeHours', 168, 'A base backup that is older proves nothing'],
			[
				'Longest Archive Lag (Minutes)',
				'maxArchiveLagMinutes',
				15,
				'What was written since the last archived log would be lost',
			],
			['Oldest Restore Drill (Days)', 'maxDrillAgeDays', 90, 'A drill that is longer ago proves nothing'],
			['Longest Restore (Minutes)', 'maxRestoreMinutes', 60, 'A restore that took longer is too slow'],
		] as const
	).map(([displayName, name, value, description]): INodeProperties => ({
		displayName,
		name,
		type: 'number',
		typeOptions: { minValue: 1 },
		default: value,
		displayOptions: FOR_B,
		description,
	})),
];

export interface ContinuousParameters {
	readonly tool: ReportTool;
	readonly name: string;
	readonly report:
		| { readonly from: 'field'; readonly text: string }
		| { readonly from: 'storage'; readonly bucket: string; readonly key: string }
		| { readonly from: 'tool'; readonly configFile: string };
	readonly drill: DrillRecord | undefined;
	readonly policy: ContinuousPolicy;
}

/** @throws RunbookError PARAMETER.INVALID */
export function readContinuous(context: ParameterReader, itemIndex: number): ContinuousParameters {
	const tool = context.getNodeParameter('tool', itemIndex) as string;
	const name = context.getNodeParameter('clusterName', itemIndex) as string;
	if (tool !== 'pgbackrest' && tool !== 'walg' && tool !== 'barman')
		throw invalidField('tool', 'it is not one of those that can be read', 'Choose pgBackRest, WAL-G or Barman');
	if (!/^[A-Za-z0-9][\w.-]{0,127}$/.test(name))
		throw invalidField(
			'clusterName',
			'it is not the name of a stanza or server',
			'Use letters, digits, dots, hyphens and underscores',
		);
	const limit = (field: keyof ContinuousPolicy): number =>
		readNumber(context, { itemIndex, name: field, minimum: 1, maximum: 100_000 });
	return {
		tool,
		name,
		report: readSource(context, itemIndex),
		drill: readDrill(context, itemIndex),
		policy: {
			maxBackupAgeHours: limit('maxBackupAgeHours'),
			maxArchiveLagMinutes: limit('maxArchiveLagMinutes'),
			maxDrillAgeDays: limit('maxDrillAgeDays'),
			maxRestoreMinutes: limit('maxRestoreMinutes'),
		},
	};
}

function readSource(context: ParameterReader, itemIndex: number): ContinuousParameters['report'] {
	const from = context.getNodeParameter('reportFrom', itemIndex);
	if (from === 'storage') {
		const bucket = context.getNodeParameter('reportBucket', itemIndex) as string;
		return { from, bucket, key: context.getNodeParameter('reportKey', itemIndex) as string };
	}
	if (from === 'tool') {
		const configFile = context.getNodeParameter('configFile', itemIndex, '') as string;
		if (configFile !== '' && !configFile.startsWith('/'))
			throw invalidField('configFile', 'it is not an absolute path', 'Enter the whole path, or nothing');
		return { from, configFile };
	}
	const report: unknown = context.getNodeParameter('report', itemIndex, '');
	if (typeof report === 'string' && report.trim() !== '') return { from: 'field', text: report };
	throw invalidField(
		'report',
		'it is not text',
		'Give the report as the tool wrote it: an object has lost digits of the system identifier',
	);
}

const drillSchema = z.object({ restoredAt: z.string().datetime({ offset: true }), minutes: z.number().positive() });

function readDrill(context: ParameterReader, itemIndex: number): DrillRecord | undefined {
	const drill = readJson(context, {
		itemIndex,
		name: 'drill',
		schema: drillSchema.nullable(),
		remedy: 'Give e.g. {"restoredAt":"2026-11-01T08:00:00Z","minutes":14}',
		whenAbsent: null,
	});
	return drill ? { restoredAt: new Date(drill.restoredAt), minutes: drill.minutes } : undefined;
}
