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

export interface SplitOptions {
	readonly upTo: DeployUpTo;
	/** What the release's lint said would be deployed. Absent when the node works without a release: then nothing is compared. */
	readonly linted?: readonly LintedMigration[];
	/** What ran on the release's scratch database. Absent: nothing is compared. */
	readonly rehearsed?: readonly LintedMigration[];
}

/**
 * What of the pending is applied and what waits for the previous version to be gone, judged anew at the very moment. In a release it must be
 * a part of what was linted, which people have approved, and of what was rehearsed.
 * @throws RunbookError MIGRATION.CONTRACT_IN_BETWEEN, NOT_LINTED, NOT_REHEARSED
 */
export async function splitPending(
	target: MigrationTarget,
	history: MigrationHistory,
	{ upTo, linted, rehearsed }: SplitOptions,
): Promise<{ deploys: readonly LintedMigration[]; heldBack: readonly string[] }> {
	const { deploys, heldBack, problems } = await readRiskCard(target, history, { upTo, smallTableBytes: Infinity });
	const inBetween = problems.find(({ kind }) => kind === 'behind-contract' || kind === 'contract-needed');
	if (inBetween) throw migrationErrors.CONTRACT_IN_BETWEEN({ problem: inBetween.text });
	const unlinted = namesOutside(deploys, linted);
	if (unlinted.length > 0) throw migrationErrors.NOT_LINTED({ migrations: unlinted.join(', ') });
	const unrehearsed = namesOutside(deploys, rehearsed);
	if (unrehearsed.length > 0) throw migrationErrors.NOT_REHEARSED({ migrations: unrehearsed.join(', ') });
	return { deploys, heldBack };
}

/** Names of those that are not among the cleared ones with that very checksum. */
function namesOutside(deploys: readonly LintedMigration[], cleared: readonly LintedMigration[] | undefined): string[] {
	const isCleared = (one: LintedMigration): boolean =>
		cleared?.some(({ name, checksum }) => name === one.name && checksum === one.checksum) ?? true;
	return deploys.filter((one) => !isCleared(one)).map(({ name }) => name);
}

/** What a recorded lint said would be deployed; empty when it says nothing. */
export function readLinted(recordedResult: unknown): LintedMigration[] {
	const deploys = (recordedResult as { readonly deploys?: unknown } | null)?.deploys;
	return Array.isArray(deploys) ? (deploys as LintedMigration[]) : [];
}

/** What ran without a failure in a recorded rehearsal; empty when it says nothing. */
export function readRehearsed(recordedResult: unknown): LintedMigration[] {
	const migrations = (recordedResult as { readonly migrations?: unknown } | null)?.migrations;
	if (!Array.isArray(migrations)) return [];
	return (migrations as Array<LintedMigration & { readonly failure: string | null }>)
		.filter(({ failure }) => failure === null)
		.map(({ name, checksum }) => ({ name, checksum }));
}

/** Names of what a recorded lint held back; empty when it says nothing. */
export function readHeldBack(recordedResult: unknown): string[] {
	const heldBack = (recordedResult as { readonly heldBack?: unknown } | null)?.heldBack;
	return Array.isArray(heldBack) ? heldBack.map(String) : [];
}
