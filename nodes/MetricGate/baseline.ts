import type { INodeProperties } from 'n8n-workflow';
import { z } from 'zod';
import type { Comparison, Share } from '../../lib/metrics/compareWithBaseline';
import type { OperationContext } from '../shared/operation';
import type { GateParameters } from './gateFields';

export const BASELINE_STEP: INodeProperties = {
	displayName: 'Baseline Step',
	name: 'baselineStep',
	type: 'string',
	default: '',
	placeholder: 'e.g. 1.1/baseline',
	description:
		'The step of this release that measured the same before the change; how much worse it may be stands in the policy under baseline. Empty: only the limits themselves are judged.',
};

/** What was measured before the change. */
export const recordedBaseline = z.object({
	errorRate: z.object({ requests: z.number(), errors: z.number() }),
	responseTimeSeconds: z.number().nullable(),
});

export interface Baseline {
	readonly errorRate: Share;
	/** Null when it could not be told. */
	readonly responseTimeSeconds: number | null;
	readonly rises: { readonly allowed: number; readonly minimumTotal: number };
	readonly allowedSeconds: number;
}

/**
 * What this release is compared with. Undefined when nothing is to be compared; a comparison that says why, when the step to compare with is
 * not in the ledger.
 */
export async function readBaseline({
	parameters: { baselineStep, policy },
	recorded,
}: OperationContext<GateParameters & { readonly baselineStep: string }>): Promise<Baseline | Comparison | undefined> {
	if (baselineStep === '' || policy.baseline === undefined) return undefined;
	const record = await recorded(baselineStep);
	const found = recordedBaseline.safeParse(record?.state === 'passed' ? record.result : undefined);
	if (!found.success) {
		const reason = `no baseline to compare with: ${baselineStep} is ${record?.state ?? 'not recorded'}`;
		return { verdict: 'passed', before: null, rise: null, reason };
	}
	const { errorRate, responseTimeSeconds } = found.data;
	return {
		errorRate: { total: errorRate.requests, bad: errorRate.errors },
		responseTimeSeconds,
		rises: { allowed: policy.baseline.errorRateRise, minimumTotal: policy.sampling.minimumRequests },
		allowedSeconds: policy.baseline.responseTimeRiseSeconds,
	};
}
