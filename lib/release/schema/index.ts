import { RELEASES } from './0001-releases';
import { MEMORY } from './0002-memory';
import { APPROVALS } from './0003-approvals';
import { EVIDENCE } from './0004-evidence';
import { WATCH } from './0005-watch';
import { CLOCK_WARNINGS } from './0006-clock-warnings';
import { CONTRACT_RELEASES } from './0007-contract-releases';

/** The ledger's schema, in steps: the n-th entry brings version n - 1 to version n. One that was released is never edited. */
export const LEDGER_VERSIONS: readonly string[] = [
	RELEASES,
	MEMORY,
	APPROVALS,
	EVIDENCE,
	WATCH,
	CLOCK_WARNINGS,
	CONTRACT_RELEASES,
];
