import type { INodeProperties } from 'n8n-workflow';
import type { BackupLocation } from '../../lib/backup/model';
import { WAIVERS, type Endpoint, type Waiver } from '../../lib/backup/restore/model';
import type { ParameterReader } from '../shared/operation';
import { splitList } from '../shared/splitList';
import { backupIdField, readBackupId } from './backupIdField';
import { invalidField } from './invalidField';
import {
	deadlineField,
	diskField,
	jobsField,
	locationFields,
	readCount,
	readDiskBytes,
	readLocation,
} from './locationFields';

/** What the operations on a restore have in common. */
export interface RestoreParameters {
	readonly location: BackupLocation;
	readonly backupId: string;
	readonly environment: string;
	readonly maintenanceDatabase: string;
	readonly endpoints: readonly Endpoint[];
	readonly waivers: readonly Waiver[];
	readonly reason: string;
	readonly diskBytes: number | undefined;
	readonly jobs: number;
	readonly deadlineMinutes: number;
}

export const restoreFields: INodeProperties[] = [
	backupIdField,
	...locationFields,
	{
		displayName: 'Environment',
		name: 'environment',
		type: 'string',
		default: "={{ $('Configuration').first().json.environment }}",
		required: true,
		placeholder: 'e.g. production',
		description: 'What the fence in the database goes by: it is raised before the database serves',
	},
	{
		displayName: 'Maintenance Database',
		name: 'maintenanceDatabase',
		type: 'string',
		default: 'postgres',
		required: true,
		placeholder: 'e.g. postgres',
		description: 'Another database of the same server. A database cannot be renamed from within itself.',
	},
	{
		displayName: 'Endpoints',
		name: 'endpoints',
		type: 'string',
		default: '',
		placeholder: 'e.g. pooler.internal:6432/cases, replica.internal:5432',
		description:
			'Every further address by which clients reach the database, as host:port or host:port/database, separated by commas. Done is when a fresh connection through each of them comes to the restored database.',
	},
	{
		displayName: 'Waivers',
		name: 'waivers',
		type: 'string',
		default: '',
		placeholder: 'e.g. session, logicalSlot',
		description: `What is knowingly accepted, in these exact words, separated by commas: ${WAIVERS.join(', ')}. Anything else that stands in the way is refused.`,
	},
	{
		displayName: 'Reason',
		name: 'reason',
		type: 'string',
		default: '',
		placeholder: 'e.g. on-call engineer: a script deleted cases',
		description: 'Who asks and why. It stays with the database that is replaced.',
	},
	diskField('the database'),
	jobsField,
	{ ...deadlineField, default: 120 },
];

export const typedNameField: INodeProperties = {
	displayName: 'Typed Database Name',
	name: 'typedDatabaseName',
	type: 'string',
	default: '',
	required: true,
	placeholder: 'e.g. case_management',
	description:
		'The name of the database that is replaced, typed by a person. It must be the one of the Postgres credential.',
};

export const swapField: INodeProperties = {
	displayName: 'Swap',
	name: 'swap',
	type: 'boolean',
	default: true,
	description:
		'Whether the restored database takes the name of the live one. Off: it stays beside it, proven, and the procedure for changing the endpoint is printed, for managed servers where nobody may rename databases.',
};

/** @throws RunbookError PARAMETER.INVALID */
export function readRestoreParameters(context: ParameterReader, itemIndex: number): RestoreParameters {
	const text = (name: string): string => String(context.getNodeParameter(name, itemIndex, '') ?? '').trim();
	const environment = text('environment');
	if (!/^[a-z][a-z0-9-]{0,62}$/.test(environment))
		throw invalidField(
			'environment',
			'it is not the name of an environment',
			'Give the environment of the configuration',
		);
	const maintenanceDatabase = text('maintenanceDatabase');
	if (maintenanceDatabase === '') throw invalidField('maintenanceDatabase', 'it is empty', 'Enter postgres');
	return {
		location: readLocation(context, itemIndex),
		backupId: readBackupId(context, itemIndex),
		environment,
		maintenanceDatabase,
		endpoints: splitList(text('endpoints')).map((entry) => readEndpoint(entry, 'endpoints')),
		waivers: splitList(text('waivers')).map(readWaiver),
		reason: text('reason'),
		diskBytes: readDiskBytes(context, itemIndex),
		jobs: readCount(context, itemIndex, { name: 'jobs', minimum: 1 }),
		deadlineMinutes: readCount(context, itemIndex, { name: 'deadlineMinutes', minimum: 1 }),
	};
}

/** `host:port` or `host:port/database`, the entry of a field. @throws RunbookError PARAMETER.INVALID */
export function readEndpoint(entry: string, field: string): Endpoint {
	const address = URL.canParse(`postgresql://${entry}`) ? new URL(`postgresql://${entry}`) : undefined;
	// A login in it would be shown in every report.
	if (!address || address.hostname === '' || address.port === '' || address.username !== '' || address.search !== '')
		throw invalidField(
			field,
			`"${entry.replace(/^.*@/, '…@')}" is not host:port or host:port/database`,
			'Correct the entry; the login is the credential’s',
		);
	const database = decodeURIComponent(address.pathname.slice(1));
	const host = address.hostname.replace(/^\[(.*)\]$/, '$1');
	return { host, port: Number(address.port), ...(database === '' ? {} : { database }) };
}

function readWaiver(word: string): Waiver {
	const known = WAIVERS.find((waiver) => waiver === word);
	if (known) return known;
	throw invalidField('waivers', `"${word}" is none of ${WAIVERS.join(', ')}`, 'Type the words exactly');
}
