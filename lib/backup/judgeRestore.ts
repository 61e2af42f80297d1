import type { PostgresConnection } from '../support/postgres.client';
import type { StoredArchive } from './model';
import { onScratch } from './onScratch';
import { probeScratchDatabase } from './scratch.client';
import { describeExit, type ToolExit } from './tool.client';
import { obstruct, VerificationStop, type VerificationReason } from './verification';

/**
 * Passes when pg_restore ended well and the archive is what the manifest says. A failure is blamed on an intact archive only when the
 * server still takes writes.
 * @throws VerificationStop
 */
export async function judgeRestore(
	exit: ToolExit,
	{
		archive,
		damages,
		target,
		signal,
	}: {
		archive: StoredArchive;
		damages: readonly VerificationReason[];
		target: PostgresConnection;
		signal: AbortSignal;
	},
): Promise<void> {
	if (exit.code === 0 && damages.length === 0) return;
	const reasons = [...damages];
	if (exit.code !== 0) {
		const intact = damages.length === 0;
		if (intact && exit.signal !== null)
			throw obstruct('RESTORE_INTERRUPTED', `pg_restore was ended by ${describeExit(exit)}`);
		if (intact) await onScratch(async () => await probeScratchDatabase(target, signal));
		const message = `pg_restore of ${archive.key} ended with ${describeExit(exit)}: ${exit.problem}`;
		reasons.push({ code: 'RESTORE_FAILED', message });
	}
	throw new VerificationStop('failed', reasons);
}
