import { checkRedis } from '../../../lib/health/checkRedis';
import type { RedisLimits } from '../../../lib/health/assessRedis';
import type { Json } from '../../../lib/release/model';
import { fieldsOf } from '../../shared/describeOperations';
import type { Operation, ParameterReader } from '../../shared/operation';
import { readNumber } from '../../shared/readNumber';
import { redisCredential } from '../../shared/redisCredential';

interface Parameters {
	readonly timeoutMs: number;
	readonly limits: RedisLimits;
}

/** Pings Redis as an authenticated user and reads its role, memory and persistence. */
export const redis: Operation<Parameters> = {
	name: 'redis',
	kind: 'verdict',
	description: fieldsOf('redis', [
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
			displayName: 'Memory Used, at Most (Percent)',
			name: 'memoryUsedPercent',
			type: 'number',
			default: 95,
			typeOptions: { minValue: 1, maxValue: 100 },
			description:
				'The largest share of maxmemory that may be in use on a server that evicts nothing: a full one still answers PONG and refuses every write',
		},
		{
			displayName: 'Role',
			name: 'redisRole',
			type: 'options',
			default: 'any',
			options: [
				{ name: 'Any', value: 'any', description: 'A master, or a replica whose link to its master is up' },
				{ name: 'Master', value: 'master', description: 'The server that takes writes' },
				{ name: 'Replica', value: 'replica', description: 'A server that follows a master' },
			],
			description:
				'Which role the server must have. After a failover the old address may be a replica that answers PONG.',
		},
	]),
	deadlineMs: ({ timeoutMs }) => timeoutMs + 30_000,
	readParameters: (context, itemIndex) => ({
		timeoutMs: readNumber(context, { itemIndex, name: 'timeoutSeconds', minimum: 0.1, maximum: 300 }) * 1000,
		limits: {
			memoryUsedRatio:
				readNumber(context, { itemIndex, name: 'memoryUsedPercent', minimum: 1, maximum: 100 }) / 100,
			...readRole(context, itemIndex),
		},
	}),
	plan: ({ limits }) => ({ key: '', inputs: { ...limits } }),
	run: async ({ parameters, clock, signal, open }) => {
		const { verdict, targets } = await checkRedis(await open(redisCredential), { ...parameters, clock, signal });
		return { verdict, result: { targets: targets as unknown as Json } };
	},
};

function readRole(context: ParameterReader, itemIndex: number): Pick<RedisLimits, 'role'> {
	const role: unknown = context.getNodeParameter('redisRole', itemIndex, 'any');
	return role === 'master' || role === 'replica' ? { role } : {};
}
