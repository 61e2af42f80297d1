import { migrationErrors } from './errors';
import { readRiskCard } from './lint/readRiskCard';
import type { DeployUpTo, MigrationHistory } from './model';
import type { MigrationTarget } from './openTarget';

/** What a lint said would be deployed. */
export interface LintedMigration {
	readonly name: string;
	/** SHA-256 (hex) of its script. */
	readonly checksum: string;
}

/**
 * What of the pending is applied and what waits for the previous version to be gone, judged anew at the very moment. In a release it must be
 * a part of what was linted, which people have approved.
 * @throws RunbookError MIGRATION.CONTRACT_IN_BETWEEN, NOT_LINTED
 */
export async function splitPending(
	target: MigrationTarget,
	history: MigrationHistory,
	{ upTo, linted }: { upTo: DeployUpTo; linted?: readonly LintedMigration[] },
): Promise<{ deploys: readonly LintedMigration[]; heldBack: readonly string[] }> {
	const { deploys, heldBack, problems } = await readRiskCard(target, history, { upTo, smallTableBytes: Infinity });
	const inBetween = problems.find(({ kind }) => kind === 'behind-contract' || kind === 'contract-needed');
	if (inBetween) throw migrationErrors.CONTRACT_IN_BETWEEN({ problem: inBetween.text });
	const unknown = linted
		? deploys.filter((one) => !linted.some(({ name, checksum }) => name === one.name && checksum === one.checksum))
		: [];
	if (unknown.length > 0)
		throw migrationErrors.NOT_LINTED({ migrations: unknown.map(({ name }) => name).join(', ') });
	return { deploys, heldBack };
}

/** What a recorded lint said would be deployed; empty when it says nothing. */
export function readLinted(recordedResult: unknown): LintedMigration[] {
	const deploys = (recordedResult as { readonly deploys?: unknown } | null)?.deploys;
	return Array.isArray(deploys) ? (deploys as LintedMigration[]) : [];
}

/** Names of what a recorded lint held back; empty when it says nothing. */
export function readHeldBack(recordedResult: unknown): string[] {
	const heldBack = (recordedResult as { readonly heldBack?: unknown } | null)?.heldBack;
	return Array.isArray(heldBack) ? heldBack.map(String) : [];
}
