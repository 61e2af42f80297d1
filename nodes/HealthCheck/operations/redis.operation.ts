import { checkRedis } from '../../../lib/health/checkRedis';
import type { Json } from '../../../lib/release/model';
import { fieldsOf } from '../../shared/describeOperations';
import type { Operation } from '../../shared/operation';
import { readNumber } from '../../shared/readNumber';
import { redisCredential } from '../../shared/redisCredential';

interface Parameters {
	readonly timeoutMs: number;
	readonly memoryUsedRatio: number;
}

/** Pings Redis as an authenticated user and reads its role and memory. */
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
	]),
	deadlineMs: ({ timeoutMs }) => timeoutMs + 30_000,
	readParameters: (context, itemIndex) => ({
		timeoutMs: readNumber(context, { itemIndex, name: 'timeoutSeconds', minimum: 0.1, maximum: 300 }) * 1000,
		memoryUsedRatio: readNumber(context, { itemIndex, name: 'memoryUsedPercent', minimum: 1, maximum: 100 }) / 100,
	}),
	plan: ({ memoryUsedRatio }) => ({ key: '', inputs: { memoryUsedRatio } }),
	run: async ({ parameters, clock, signal, open }) => {
		const { verdict, targets } = await checkRedis(await open(redisCredential), { ...parameters, clock, signal });
		return { verdict, result: { targets: targets as unknown as Json } };
	},
};
