import { checkPlan } from '../../../lib/release/checkPlan';
import type { PlanPart } from '../../../lib/release/ledger';
import { releaseLedger } from '../../shared/credentials';
import { fieldsOf } from '../../shared/describeOperations';
import type { Operation } from '../../shared/operation';
import { workflowPart } from '../../shared/workflowPlan';
import { recordRefusals } from '../recordRefusals';

interface Parameters {
	readonly releaseId: string;
	readonly part: PlanPart;
}

/** Tells a beginning release what this workflow would do. Nothing goes on behind it. */
export const registerPlan: Operation<Parameters> = {
	name: 'registerPlan',
	kind: 'observe',
	description: fieldsOf('registerPlan', [
		{
			displayName: 'Release ID',
			name: 'plannedReleaseId',
			type: 'string',
			default: '={{ $json.release.id }}',
			required: true,
			placeholder: 'e.g. r-2026.11.23-4f9c2a',
			description: 'The release that begins. Its other parts, as the configuration, it registers itself.',
		},
	]),
	readParameters: (context, itemIndex) => ({
		releaseId: String(context.getNodeParameter('plannedReleaseId', itemIndex) ?? ''),
		part: workflowPart(context),
	}),
	plan: ({ releaseId }) => ({ key: '', inputs: { releaseId } }),
	run: async ({ parameters: { releaseId, part }, open }) => {
		const ledger = await open(releaseLedger);
		const refused = { releaseId, environment: '', person: '' };
		await recordRefusals(ledger, refused, async () => await checkPlan(ledger, releaseId, [part]));
		return { result: null, emits: false };
	},
};
