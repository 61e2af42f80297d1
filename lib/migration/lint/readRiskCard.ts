import { describeMigration, parseMigration } from '../describeMigration';
import type { MigrationHistory } from '../model';
import type { MigrationTarget } from '../openTarget';
import { assessRisks } from './assessRisks';
import type { LintLimits, RiskCard } from './model';
import { readSchemaFacts } from './schemaFacts.client';

/** Reads what is to be known of the database and judges what is pending in it. */
export async function readRiskCard(
	{ client, folder, database }: MigrationTarget,
	history: MigrationHistory,
	limits: LintLimits,
): Promise<RiskCard> {
	const names = history.pending.map(({ name }) => name);
	const files = folder.migrations.filter(({ name }) => names.includes(name));
	const pending = files.map(async (file) => ({
		migration: await describeMigration(file),
		script: await parseMigration(file),
	}));
	return assessRisks(await Promise.all(pending), await readSchemaFacts(client, database.schema), limits);
}
