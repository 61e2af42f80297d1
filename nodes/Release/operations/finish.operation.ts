import { finishRelease } from '../../../lib/release/finishRelease';
import { releaseLedger } from '../../shared/credentials';
import { fieldsOf } from '../../shared/describeOperations';
import type { Operation } from '../../shared/operation';
import { releaseJson } from '../releaseJson';

interface Parameters {
	readonly releaseId: string;
	readonly token: number;
	readonly reason: string;
}

/** Ends a release in the state that its recorded steps prove, and frees the environment. */
export const finish: Operation<Parameters> = {
	name: 'finish',
	kind: 'observe',
	description: fieldsOf('finish', [
		{
			displayName: 'Reason',
			name: 'finishReason',
			type: 'string',
			default: '',
			placeholder: 'e.g. phase 1 did not pass',
			description: 'Why it ends here, for the record. The state itself is told from the recorded steps.',
		},
	]),
	readParameters: (context, itemIndex) => ({
		releaseId: String(context.getNodeParameter('releaseId', itemIndex)),
		token: Number(context.getNodeParameter('token', itemIndex)),
		reason: String(context.getNodeParameter('finishReason', itemIndex)),
	}),
	plan: ({ reason }) => ({ key: '', inputs: { reason } }),
	run: async ({ parameters, open, clock }) => {
		const { releaseId, token, reason } = parameters;
		const release = await finishRelease(
			await open(releaseLedger),
			{ id: releaseId, token },
			{ reason, now: clock.now() },
		);
		return { result: releaseJson(release) };
	},
};
