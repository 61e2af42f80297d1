import { startWatch as enterWatch } from '../../../lib/release/startWatch';
import { releaseLedger } from '../../shared/credentials';
import { fieldsOf } from '../../shared/describeOperations';
import type { Operation } from '../../shared/operation';
import { releaseJson } from '../releaseJson';

interface Parameters {
	readonly releaseId: string;
	readonly token: number;
	readonly windowSeconds: number;
}

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
	]),
	readParameters: (context, itemIndex) => ({
		releaseId: String(context.getNodeParameter('releaseId', itemIndex)),
		token: Number(context.getNodeParameter('token', itemIndex)),
		windowSeconds: Number(context.getNodeParameter('windowSeconds', itemIndex)),
	}),
	plan: ({ windowSeconds }) => ({ key: '', inputs: { windowSeconds } }),
	run: async ({ parameters, open }) => {
		const ledger = await open(releaseLedger);
		const { releaseId, token, windowSeconds } = parameters;
		return {
			result: releaseJson(await enterWatch(ledger, { id: releaseId, token }, { windowMs: windowSeconds * 1000 })),
		};
	},
};
