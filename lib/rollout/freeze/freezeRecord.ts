import { z } from 'zod';
import { parameterErrors } from '../../support/errors';
import { rolloutErrors } from '../errors';
import { FREEZE_ANNOTATION } from '../fence';
import type { DeploymentFacts } from '../model';

const RECORD = z.object({
	replicas: z.number().int().nonnegative(),
	autoscaler: z
		.object({ name: z.string(), least: z.number().int().nonnegative(), most: z.number().int().positive() })
		.nullable(),
});

/** What a Deployment had before it was frozen; a thaw goes to exactly that. */
export type FreezeRecord = Readonly<z.infer<typeof RECORD>>;

/** What was noted when the Deployment was frozen; undefined when it is not. @throws RunbookError PARAMETER.INVALID for a damaged note */
export function freezeRecordOf({ name, annotations }: DeploymentFacts): FreezeRecord | undefined {
	const text = annotations[FREEZE_ANNOTATION];
	if (text === undefined) return undefined;
	try {
		const parsed = RECORD.safeParse(JSON.parse(text));
		if (parsed.success) return parsed.data;
	} catch {
		// answered below
	}
	throw parameterErrors.INVALID({
		field: FREEZE_ANNOTATION,
		problem: `the note on Deployment ${name} cannot be read`,
		remedy: 'Look up in the ledger what it had before it was frozen, and scale it by hand',
	});
}

/** How many replicas it is to have: those that a thaw gives back while it is frozen. @throws RunbookError PARAMETER.INVALID for a damaged note */
export function replicasMeant(deployment: DeploymentFacts): number {
	return freezeRecordOf(deployment)?.replicas ?? deployment.wanted;
}

/** @throws RunbookError ROLLOUT.NOT_FROZEN */
export function demandFreezeRecord(deployment: DeploymentFacts): FreezeRecord {
	const found = freezeRecordOf(deployment);
	if (!found) throw rolloutErrors.NOT_FROZEN({ deployment: deployment.name });
	return found;
}
