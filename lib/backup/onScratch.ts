import { describeReason } from './describeReason';
import { backupErrors } from './errors';
import { errorCode, isDiskFull, isServerError } from './session.client';
import { obstruct } from './verification';

/**
 * Runs what the scratch server does. Being refused for lack of rights is configuration; everything else is an obstacle to judging.
 * @throws RunbookError BACKUP.SCRATCH_REFUSED, VerificationStop
 */
export async function onScratch<T>(action: () => Promise<T>): Promise<T> {
	try {
		return await action();
	} catch (error) {
		const problem = describeReason(error);
		const sqlstate = errorCode(error) ?? '';
		if (isServerError(error) && /^(28|42501|3D000)/.test(sqlstate))
			throw backupErrors.SCRATCH_REFUSED({ problem, sqlstate }, error);
		if (sqlstate === '22023' || sqlstate === '42809')
			throw obstruct('SCRATCH_LOCALE_MISSING', `The scratch server lacks the locale of the source: ${problem}`);
		if (isDiskFull(error))
			throw obstruct('SCRATCH_DISK_FULL', `The disk of the server that it is restored on is full: ${problem}`);
		throw obstruct(
			'SCRATCH_UNAVAILABLE',
			`The scratch server failed: ${problem}${sqlstate === '' ? '' : ` (${sqlstate})`}`,
		);
	}
}
