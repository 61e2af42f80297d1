import type { PostgresConnection } from '../../support/postgres.client';
import { worstVerdict } from '../../support/verdict';
import type { MigrationFence, MigrationsFolder, SessionSettings } from '../model';
import { openTarget, type MigrationTarget } from '../openTarget';
import { readHistory } from '../readHistory';
import { isMeasurementError } from '../readMigrationStatus';
import { problemOf } from '../sqlState';
import type { LintedMigrations, LintLimits } from './model';
import { readRiskCard } from './readRiskCard';

export interface LintOptions extends LintLimits {
	readonly settings: SessionSettings;
	readonly signal: AbortSignal;
	/** Absent when the node works without a release. */
	readonly fence?: MigrationFence | undefined;
}

/**
 * The risk card of what is pending: whether the version that serves now may go on while and after it runs. Takes no lock and writes nothing.
 * What cannot be read is inconclusive; a wrong address, login or schema is the operator's to correct and thrown.
 * @throws RunbookError MIGRATION.POOLER, ACCESS_REFUSED, SCHEMA_MISSING
 */
export async function lintMigrations(
	connection: PostgresConnection,
	folder: MigrationsFolder,
	{ settings, signal, fence, smallTableBytes, upTo }: LintOptions,
): Promise<LintedMigrations> {
	let target: MigrationTarget | undefined;
	try {
		target = await openTarget(connection, folder, { settings, signal, fence });
		const history = await readHistory(target);
		const card = await readRiskCard(target, history, { smallTableBytes, upTo });
		// What is pending is known for certain only where the history is sound.
		return {
			...card,
			verdict: worstVerdict([card.verdict, history.verdict]),
			history: history.problems,
			database: target.database,
		};
	} catch (error) {
		if (!isMeasurementError(error)) throw error;
		return {
			verdict: 'inconclusive',
			migrations: [],
			previousVersionMayServe: false,
			deploys: [],
			heldBack: [],
			problems: [{ kind: 'unreadable', severity: 'inconclusive', names: [], text: problemOf(error) }],
			history: [],
			database: target?.database ?? null,
		};
	} finally {
		await target?.end();
	}
}
