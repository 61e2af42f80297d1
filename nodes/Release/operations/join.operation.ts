import { joinRelease } from '../../../lib/release/joinRelease';
import type { Release } from '../../../lib/release/model';
import { releaseLedger } from '../../shared/credentials';
import { fieldsOf } from '../../shared/describeOperations';
import type { Operation } from '../../shared/operation';
import { releaseJson } from '../releaseJson';

interface Parameters {
	readonly intent: 'continue' | 'rollBack';
	readonly releaseId: string;
	readonly token: number;
	readonly reason: string;
}

/** Goes on with a release in a sub-workflow, or takes it over to roll it back. */
export const join: Operation<Parameters> = {
	name: 'join',
	kind: 'observe',
	description: fieldsOf('join', [
		{
			displayName: 'Intent',
			name: 'intent',
			type: 'options',
			noDataExpression: true,
			default: 'continue',
			options: [
				{ name: 'Continue', value: 'continue', description: 'Go on under the token that the caller holds' },
				{
					name: 'Roll Back',
					value: 'rollBack',
					description: 'Take the lock with a higher token; whoever held it is refused from now on',
				},
			],
			description: 'What this workflow does with the release',
		},
		{
			displayName: 'Release ID',
			name: 'joinReleaseId',
			type: 'string',
			default: '={{ $json.release.id }}',
			required: true,
			placeholder: 'e.g. r-2026.11.23-4f9c2a',
			description: 'The release to join',
		},
		{
			displayName: 'Token',
			name: 'joinToken',
			type: 'number',
			default: 0,
			displayOptions: { show: { intent: ['continue'] } },
			description:
				'The fencing token that the caller holds, as {{ $JSON.release.token }}; a stale one is refused',
		},
		{
			displayName: 'Reason',
			name: 'reason',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. error rate above 10 % for a minute',
			displayOptions: { show: { intent: ['rollBack'] } },
			description: 'Why it is rolled back, for the record',
		},
	]),
	readParameters: (context, itemIndex) => {
		const intent = context.getNodeParameter('intent', itemIndex) === 'rollBack' ? 'rollBack' : 'continue';
		return {
			intent,
			releaseId: String(context.getNodeParameter('joinReleaseId', itemIndex)),
			token: intent === 'continue' ? Number(context.getNodeParameter('joinToken', itemIndex)) : 0,
			reason: intent === 'rollBack' ? String(context.getNodeParameter('reason', itemIndex)) : '',
		};
	},
	plan: ({ intent, releaseId }) => ({ key: '', inputs: { intent, releaseId } }),
	run: async ({ parameters, open }) => {
		const ledger = await open(releaseLedger);
		const { intent, releaseId, token, reason } = parameters;
		const release: Release =
			intent === 'rollBack'
				? await ledger.takeOver(releaseId, reason)
				: await joinRelease(ledger, { id: releaseId, token });
		return { result: releaseJson(release) };
	},
};
