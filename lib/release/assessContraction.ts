import type { GateRecord, VoteRecord } from './gate';
import type { Release, StepRecord } from './model';

/** A migration as a lint recorded it. */
export interface LintedScript {
	readonly name: string;
	/** SHA-256 (hex) of its script. */
	readonly checksum: string;
}

export interface ContractionFacts {
	readonly release: Release;
	/** The gate in front of it; undefined when nobody was asked. */
	readonly gate: GateRecord | undefined;
	readonly votes: readonly VoteRecord[];
	/** What this release's lint said would run. */
	readonly deploys: readonly LintedScript[];
	/** What the lint of the release that serves held back. */
	readonly heldBack: readonly LintedScript[];
	/** What else than the serving version runs, in words. */
	readonly others: readonly string[];
	/** How the serving version did on the schema without it; undefined when it was not run. */
	readonly oldCode: StepRecord['state'] | undefined;
}

/** How many persons have to say yes before something is taken away from older versions; break-glass does not count. */
export const LEAST_VOTES_TO_CONTRACT = 2;

/** Why what was held back must not run now, and what to do about it; undefined when it may. */
export function assessContraction(facts: ContractionFacts): { problem: string; remedy: string } | undefined {
	const { release, deploys, heldBack, others, oldCode } = facts;
	if (!release.contracts)
		return {
			problem: `release ${release.id} deploys images`,
			remedy: 'Start the workflow "Contract production", which runs what was held back in a release of its own',
		};
	if (deploys.length === 0)
		return { problem: 'nothing that was held back is pending any more', remedy: 'Nothing is to be done' };
	const unknown = deploys.filter(
		({ name, checksum }) => !heldBack.some((one) => one.name === name && one.checksum === checksum),
	);
	if (unknown.length > 0)
		return {
			problem: `the release that serves has not held back ${unknown.map(({ name }) => name).join(', ')}, or not with these bytes`,
			remedy: 'Put the migrations folder of the version that serves into its place; what is newer belongs to the next release',
		};
	if (others.length > 0)
		return {
			problem: `another version still runs: ${others.join('; ')}`,
			remedy: 'Scale it to 0 and wait until its last pod has ended',
		};
	if (oldCode === 'failed')
		return {
			problem: 'the version that serves failed its critical path on a copy without it',
			remedy: 'Release a version that does without it first; the step 2.1/old-code says which tests failed',
		};
	const persons = countPersons(facts);
	if (persons < LEAST_VOTES_TO_CONTRACT)
		return {
			problem: `${persons} of ${LEAST_VOTES_TO_CONTRACT} persons said yes`,
			remedy: 'Ask again; passing the gate by break-glass is not enough for this',
		};
	return undefined;
}

/** Persons whose last word on this very evidence is a plain yes. */
function countPersons({ gate, votes }: Pick<ContractionFacts, 'gate' | 'votes'>): number {
	if (gate?.state !== 'approved') return 0;
	const last = new Map(votes.map(({ approver, decision, evidenceHash }) => [approver, { decision, evidenceHash }]));
	return [...last.values()].filter(
		({ decision, evidenceHash }) => decision === 'approve' && evidenceHash === gate.evidenceHash,
	).length;
}
