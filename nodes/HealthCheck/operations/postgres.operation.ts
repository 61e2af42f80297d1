import { checkPostgres } from '../../../lib/health/checkPostgres';
import type { PostgresLimits } from '../../../lib/health/assessPostgres';
import type { Json } from '../../../lib/release/model';
import { targetPostgres } from '../../shared/credentials';
import { fieldsOf } from '../../shared/describeOperations';
import type { Operation, ParameterReader } from '../../shared/operation';
import { readNumber } from '../../shared/readNumber';

interface Parameters {
	readonly timeoutMs: number;
	readonly limits: PostgresLimits;
}

/** Asks the database for its version, time, connections, standbys and activity. */
export const postgres: Operation<Parameters> = {
	name: 'postgres',
	kind: 'verdict',
	description: fieldsOf('postgres', [
		{
			displayName: 'Timeout (Seconds)',
			name: 'timeoutSeconds',
			type: 'number',
			default: 10,
			typeOptions: { minValue: 0.1, maxValue: 300 },
			description:
				'How long connecting and asking may take together. A server that is silent for longer has failed.',
		},
		{
			displayName: 'Connections Used, at Most (Percent)',
			name: 'connectionsUsedPercent',
			type: 'number',
			default: 90,
			typeOptions: { minValue: 1, maxValue: 100 },
			description:
				'The largest share of the connections open to ordinary users that may be in use. A release starts more pods, which need connections too.',
		},
		{
			displayName: 'Allow Read-Only',
			name: 'allowReadOnly',
			type: 'boolean',
			default: false,
			description: 'Whether a standby, or a database in a write freeze, counts as healthy',
		},
		{
			displayName: 'Standbys, at Least',
			name: 'leastStandbys',
			type: 'number',
			default: 0,
			typeOptions: { minValue: 0, maxValue: 100 },
			description:
				'How many physical standbys must be connected. One that is away is in no list, so only their number shows it.',
		},
		{
			displayName: 'Replication Lag, at Most (MiB)',
			name: 'replicationLagMebibytes',
			type: 'number',
			default: 0,
			typeOptions: { minValue: 0, maxValue: 1048576 },
			description:
				'How much write-ahead log a standby may not have replayed yet. 0 not to judge it. The user needs pg_monitor; without it the check is inconclusive.',
		},
	]),
	deadlineMs: ({ timeoutMs }) => timeoutMs + 30_000,
	readParameters: (context, itemIndex) => ({
		timeoutMs: readNumber(context, { itemIndex, name: 'timeoutSeconds', minimum: 0.1, maximum: 300 }) * 1000,
		limits: {
			connectionsUsedRatio:
				readNumber(context, { itemIndex, name: 'connectionsUsedPercent', minimum: 1, maximum: 100 }) / 100,
			allowReadOnly: context.getNodeParameter('allowReadOnly', itemIndex, false) === true,
			...readReplication(context, itemIndex),
		},
	}),
	plan: ({ limits }) => ({ key: '', inputs: { ...limits } }),
	run: async ({ parameters, clock, signal, open }) => {
		const { verdict, targets } = await checkPostgres(await open(targetPostgres), { ...parameters, clock, signal });
		return { verdict, result: { targets: targets as unknown as Json } };
	},
};

function readReplication(
	context: ParameterReader,
	itemIndex: number,
): Pick<PostgresLimits, 'leastStandbys' | 'lagBytes'> {
	const leastStandbys = readNumber(context, {
		itemIndex,
		name: 'leastStandbys',
		minimum: 0,
		maximum: 100,
		whole: true,
	});
	const lag = readNumber(context, { itemIndex, name: 'replicationLagMebibytes', minimum: 0, maximum: 1_048_576 });
	return { leastStandbys, ...(lag === 0 ? {} : { lagBytes: lag * 1024 * 1024 }) };
}
