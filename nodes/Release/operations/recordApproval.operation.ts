import { fieldsOf } from '../../shared/describeOperations';
import type { Operation } from '../../shared/operation';

interface Parameters {
	readonly decision: string;
	readonly approver: string;
	readonly comment: string;
}

const YES = 'Approve';

/** Records what a person decided. Only an explicit yes with a name passes: a timeout, silence or anything else is a no. */
export const recordApproval: Operation<Parameters> = {
	name: 'recordApproval',
	kind: 'verdict',
	resultKey: 'approval',
	description: fieldsOf('recordApproval', [
		{
			displayName: 'Decision',
			name: 'decision',
			type: 'string',
			default: "={{ $json['Decision'] }}",
			description: 'What the form answered; only "Approve" is a yes',
		},
		{
			displayName: 'Approver',
			name: 'approver',
			type: 'string',
			default: "={{ $json['Your name'] }}",
			description: 'Who decided; an approval without a name is a no',
		},
		{
			displayName: 'Comment',
			name: 'comment',
			type: 'string',
			default: "={{ $json['Comment'] }}",
			description: 'What they said, for the record',
		},
	]),
	readParameters: (context, itemIndex) => {
		const text = (name: string): string => String(context.getNodeParameter(name, itemIndex, '') ?? '').trim();
		return { decision: text('decision'), approver: text('approver'), comment: text('comment') };
	},
	plan: (parameters) => ({ key: '', inputs: { ...parameters } }),
	run: async ({ parameters, clock }) => {
		const { decision, approver, comment } = parameters;
		const approved = decision === YES && approver !== '';
		const reason = approved
			? ''
			: decision === ''
				? 'nobody decided in time'
				: approver === ''
					? 'the approver gave no name'
					: `the answer was "${decision}"`;
		const result = { approved, approver, comment, decision, reason, decidedAt: clock.now().toISOString() };
		return await Promise.resolve({ verdict: approved ? ('passed' as const) : ('failed' as const), result });
	},
};
