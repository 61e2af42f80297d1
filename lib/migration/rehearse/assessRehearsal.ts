import type { RehearsalLimits, RehearsalProblem, RehearsedMigration } from './model';

/** Locks behind which writers wait. */
const BLOCKING = ['SHARE', 'SHARE ROW EXCLUSIVE', 'EXCLUSIVE', 'ACCESS EXCLUSIVE'];

/** What a rehearsal says against deploying: a script that failed, or one that would keep writers waiting for too long. */
export function assessRehearsal(
	migrations: readonly RehearsedMigration[],
	{ longestLockMs }: RehearsalLimits,
): RehearsalProblem[] {
	return migrations.flatMap(({ name, failure, locks, durationMs, atLeastMs }): RehearsalProblem[] => {
		if (failure !== null)
			return [{ kind: 'failed', severity: 'failed', names: [name], text: `${name}: ${failure}` }];
		// What took a second here takes at least so many there.
		const factor = durationMs > 0 ? atLeastMs / durationMs : 1;
		const long = locks.filter(({ lock, heldMs }) => BLOCKING.includes(lock) && heldMs * factor > longestLockMs);
		if (long.length === 0) return [];
		const told = long.map(
			({ table, lock, heldMs }) => `${lock} on ${table} for at least ${Math.round(heldMs * factor)} ms`,
		);
		const text = `${name}: keeps writers waiting: ${told.join('; ')}`;
		return [{ kind: 'lock-too-long', severity: 'failed', names: [name], text }];
	});
}
