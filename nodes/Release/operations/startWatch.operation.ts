import { startWatch as enterWatch } from '../../../lib/release/startWatch';
import { parameterErrors } from '../../../lib/support/errors';
import { releaseLedger } from '../../shared/credentials';
import { fieldsOf } from '../../shared/describeOperations';
import type { Operation } from '../../shared/operation';
import { releaseJson } from '../releaseJson';

interface Parameters {
	readonly releaseId: string;
	readonly token: number;
	readonly windowSeconds: number;
	readonly drainSeconds: number;
}

/** The environment stays locked for that long. */
const LONGEST_DRAIN_S = 24 * 3600;

/** Enters the watch after the deployment: the environment stays locked until it ends. */
export const startWatch: Operation<Parameters> = {
	name: 'startWatch',
	kind: 'observe',
	description: fieldsOf('startWatch', [
		{
			displayName: 'Watch Window (Seconds)',
			name: 'windowSeconds',
			type: 'number',
			typeOptions: { minValue: 1 },
			default: 600,
			description:
				'How long the release is watched, with automatic rollback armed, before it counts as succeeded',
		},
		{
			displayName: 'Drain (Seconds)',
			name: 'drainSeconds',
			type: 'number',
			typeOptions: { minValue: 0 },
			default: 0,
			placeholder: 'e.g. 600',
			description:
				'How long clients may stay connected to the replaced version before it is scaled down. A watch that would end earlier lasts as long.',
		},
	]),
	readParameters: (context, itemIndex) => ({
		releaseId: String(context.getNodeParameter('releaseId', itemIndex)),
		token: Number(context.getNodeParameter('token', itemIndex)),
		windowSeconds: Number(context.getNodeParameter('windowSeconds', itemIndex)),
		drainSeconds: readDrain(context.getNodeParameter('drainSeconds', itemIndex, 0)),
	}),
	plan: ({ windowSeconds, drainSeconds }) => ({ key: '', inputs: { windowSeconds, drainSeconds } }),
	run: async ({ parameters, open }) => {
		const ledger = await open(releaseLedger);
		const { releaseId, token, windowSeconds, drainSeconds } = parameters;
		const times = { windowMs: windowSeconds * 1000, drainMs: drainSeconds * 1000 };
		return { result: releaseJson(await enterWatch(ledger, { id: releaseId, token }, times)) };
	},
};

/** A configuration that does not name it drains for no longer than the watch. @throws RunbookError PARAMETER.INVALID */
function readDrain(value: unknown): number {
	const seconds = Number(value ?? 0);
	if (Number.isFinite(seconds) && seconds >= 0 && seconds <= LONGEST_DRAIN_S) return seconds;
	throw parameterErrors.INVALID({
		field: 'drainSeconds',
		problem: 'it is not a number of seconds',
		remedy: `Give a number from 0 to ${LONGEST_DRAIN_S}`,
	});
}
