import { joinRelease } from '../../../lib/release/joinRelease';
import type { PlanPart } from '../../../lib/release/ledger';
import { releaseLedger } from '../../shared/credentials';
import { fieldsOf } from '../../shared/describeOperations';
import type { Operation } from '../../shared/operation';
import { workflowPart } from '../../shared/workflowPlan';
import { recordRefusals } from '../recordRefusals';
import { releaseJson } from '../releaseJson';
import { configurationField, configurationPart } from '../settings';

interface Parameters {
	readonly intent: 'continue' | 'rollBack';
	readonly releaseId: string;
	readonly token: number;
	readonly reason: string;
	readonly phase: string;
	readonly parts: readonly PlanPart[];
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
			displayName: 'Phase',
			name: 'joinPhase',
			type: 'string',
			default: '',
			placeholder: 'e.g. phase-1-pre-deployment',
			displayOptions: { show: { intent: ['continue'] } },
			description:
				'The phase whose clock starts here, and whose plan must be the one that the release began with; empty for neither',
		},
		{ ...configurationField, displayOptions: { show: { intent: ['continue'] } } },
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
		const text = (name: string): string => String(context.getNodeParameter(name, itemIndex) ?? '');
		const releaseId = text('joinReleaseId');
		if (context.getNodeParameter('intent', itemIndex) === 'rollBack')
			return { intent: 'rollBack', releaseId, token: 0, reason: text('reason'), phase: '', parts: [] };
		const phase = text('joinPhase');
		return {
			intent: 'continue',
			releaseId,
			token: Number(context.getNodeParameter('joinToken', itemIndex)),
			reason: '',
			phase,
			parts: [workflowPart(context), ...(phase === '' ? [] : [configurationPart(context, itemIndex)])],
		};
	},
	plan: ({ intent, releaseId }) => ({ key: '', inputs: { intent, releaseId } }),
	run: async ({ parameters, open }) => {
		const ledger = await open(releaseLedger);
		const { intent, releaseId, token, reason, phase, parts } = parameters;
		if (intent === 'rollBack') return { result: releaseJson(await ledger.takeOver(releaseId, { reason, intent })) };
		const refused = { releaseId, environment: '', person: '' };
		const joined = await recordRefusals(
			ledger,
			refused,
			async () => await joinRelease(ledger, { id: releaseId, token }, { parts, phase }),
		);
		return { result: releaseJson(joined) };
	},
};
