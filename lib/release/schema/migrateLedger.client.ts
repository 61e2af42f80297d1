import type { LedgerSession } from '../ledgerSession.client';
import { releaseErrors } from '../errors';
import { LEDGER_VERSIONS } from './index';

/**
 * Brings the ledger's schema `deployment_runbook` to this package's version. An advisory lock makes n8n processes that start at once
 * take turns; a newer package's ledger is refused rather than misread. @throws RunbookError RELEASE.LEDGER_NEWER, LEDGER_UNREACHABLE
 */
export async function migrateLedger(session: LedgerSession): Promise<void> {
	await session.transaction(async (client) => {
		await client.query('SELECT pg_advisory_xact_lock(7215001, 1)');
		await client.query('CREATE SCHEMA IF NOT EXISTS deployment_runbook');
		await client.query(
			'CREATE TABLE IF NOT EXISTS deployment_runbook.schema_version (version integer PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())',
		);
		const { rows } = await client.query<{ version: number }>(
			'SELECT coalesce(max(version), 0)::int AS version FROM deployment_runbook.schema_version',
		);
		const current = rows[0]?.version ?? 0;
		if (current > LEDGER_VERSIONS.length) {
			throw releaseErrors.LEDGER_NEWER({ version: current, known: LEDGER_VERSIONS.length });
		}
		for (const [index, sql] of LEDGER_VERSIONS.entries()) {
			if (index < current) continue;
			await client.query(sql);
			await client.query('INSERT INTO deployment_runbook.schema_version (version) VALUES ($1)', [index + 1]);
		}
	});
}
