/** The steps of deploy-production, in the order in which a release comes to them. */
export const releaseSteps = [
	'1.1/check-http',
	'1.1/check-postgres',
	'1.1/check-redis',
	'1.1/check-monitoring',
	'1.1/check-cluster',
	'1.1/check-access',
	'1.1/check-backup-access',
	'1.1/check-ownership',
	'1.1/check-login',
	'1.1/baseline',
	'1.2/create-backup',
	'1.2/sync-files',
	'1.2/verify-files',
	'1.2/verify-backup',
	'2.1/migration-status',
	'2.1/lint',
	'2.1/rehearse',
	'2.1/old-code',
	'2.2/integrity-before',
	'gate-1/approval',
	'2.2/record-counts',
	'2.1/deploy-migrations',
	'2.2/integrity-after',
	'3.1/record-live',
	'3.1/staging-set-image',
	'3.1/staging-wait',
	'3.1/staging-check-health',
	'3.1/staging-check-login',
	'3.1/set-image',
	'3.1/wait-for-rollout',
	'3.1/check-preview',
	'gate-2/approval',
	'3.2/switch-traffic',
	'3.2/move-workers',
	'3.2/check-live',
	'3.2/read-logs',
	'4.1/check-login',
	'4.1/critical-path',
	'4.1/suites',
	'4.2/error-rate',
	'4.2/response-time',
	'4.2/resource-usage',
	'4.2/database',
] as const;

/** The steps of roll-back-production. */
export const rollbackSteps = [
	'rollback/switch-back',
	'rollback/check-live',
	'rollback/check-login',
	'rollback/watch',
] as const;

/** Those that change the world: done once, whatever is killed. */
export const changeSteps = [
	'1.1/baseline',
	'1.2/create-backup',
	'1.2/sync-files',
	'2.2/record-counts',
	'2.1/deploy-migrations',
	'3.1/record-live',
	'3.1/staging-set-image',
	'3.1/set-image',
	'3.2/switch-traffic',
	'3.2/move-workers',
] as const;

export type ReleaseStep = (typeof releaseSteps)[number];
export type RollbackStep = (typeof rollbackSteps)[number];

/** Where a run is killed. `before` and `after` as the ledger's barrier knows them; `waiting` for a vote, at a gate. */
export interface KillPoint {
	readonly stepKey: ReleaseStep | RollbackStep;
	readonly moment: 'before' | 'after' | 'waiting';
}

const gates = { 1: 'gate-1/approval', 2: 'gate-2/approval' } as const;

/** The gates that a release has passed, or is passing, when it comes to a point: their votes were given. */
export function gatesBefore({ stepKey, moment }: KillPoint): Array<1 | 2> {
	const reached = (releaseSteps as readonly string[]).indexOf(stepKey);
	return ([1, 2] as const).filter((gate) => {
		const position = releaseSteps.indexOf(gates[gate]);
		return reached < 0 || reached > position || (reached === position && moment === 'after');
	});
}

/** Whether a step had been recorded as passed before the kill. */
export function isProvenBefore(stepKey: ReleaseStep, point: KillPoint): boolean {
	const reached = (releaseSteps as readonly string[]).indexOf(point.stepKey);
	return reached < 0 || releaseSteps.indexOf(stepKey) < reached;
}
