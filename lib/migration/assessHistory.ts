import type { Verdict } from '../support/verdict';
import { worstVerdict } from '../support/verdict';
import type { HistoryFacts, HistoryProblem, MigrationHistory, ProblemKind } from './model';

/**
 * Whether deploying would be safe: failed on a failed, edited or missing migration, on tables without a history, on a script
 * that cannot run, on missing rights and on invalid indexes; inconclusive while somebody else migrates. What is out of order is a
 * warning, and so is a run that was cut short when it is certain what it left.
 */
export function assessHistory(facts: HistoryFacts): MigrationHistory {
	const { edited, missing } = facts.diagnosis;
	const interrupted = facts.interrupted.map(({ name }) => name);
	const failed = facts.diagnosis.failed.filter((name) => !interrupted.includes(name));
	const applied = facts.rows
		.filter((row) => row.finishedAt !== null && row.rolledBackAt === null)
		.map((row) => row.name);
	const newest = applied.reduce((latest, name) => (name > latest ? name : latest), '');
	const outOfOrder = facts.pending.map(({ name }) => name).filter((name) => name < newest);
	const problems = findProblems({ facts, outOfOrder, failed });
	return {
		verdict: worstVerdict([
			'passed',
			...problems.flatMap(({ severity }): Verdict[] => (severity === 'warning' ? [] : [severity])),
		]),
		pending: facts.pending.map(({ name, checksum, transaction }) => ({ name, checksum, transaction })),
		applied: [...new Set(applied)].sort((a, b) => (a < b ? -1 : 1)),
		failed,
		edited,
		missing,
		outOfOrder,
		problems,
	};
}

/** What is to run: never applied, or begun by a run that was cut short and not committed, of which nothing is there. */
export function pendingNames({ diagnosis, interrupted }: Pick<HistoryFacts, 'diagnosis' | 'interrupted'>): string[] {
	return [...diagnosis.pending, ...interrupted.filter(({ wasCommitted }) => !wasCommitted).map(({ name }) => name)];
}

function findProblems({
	facts,
	outOfOrder,
	failed,
}: {
	facts: HistoryFacts;
	outOfOrder: string[];
	failed: string[];
}): HistoryProblem[] {
	const { diagnosis, busy, pending } = facts;
	const { edited, missing } = diagnosis;
	const impossible = pending.filter(({ transaction }) => transaction === 'impossible').map(({ name }) => name);
	const notBaselined = !diagnosis.hasMigrationsTable && facts.relationCount > 0;
	// A migration that runs at this moment looks like a failed one, and an index that is being built like an invalid one.
	const whileBusy = busy ? 'inconclusive' : 'failed';
	const rule = (
		kind: ProblemKind,
		severity: HistoryProblem['severity'],
		names: readonly string[],
		text: string,
	): HistoryProblem[] =>
		names.length === 0 ? [] : [{ kind, severity, names, text: `${text}: ${names.join(', ')}` }];
	return [
		...(busy
			? rule(
					'busy',
					'inconclusive',
					[`process ${busy.pid}, since ${busy.since ?? 'an unknown time'}`],
					'Somebody is migrating at this moment',
				)
			: []),
		...rule('failed', whileBusy, failed, 'Failed and not resolved'),
		...rule('edited', 'failed', edited, 'Changed on disk after being applied'),
		...rule('missing', 'failed', missing, 'Applied but not in the folder'),
		...rule(
			'not-baselined',
			'failed',
			notBaselined ? [`${facts.relationCount} tables and views`] : [],
			'The database is in use but has no history of migrations',
		),
		...rule(
			'impossible-script',
			'failed',
			impossible,
			'Holds a statement that Postgres only runs alone, beside others',
		),
		...rule(
			'not-permitted',
			'failed',
			!facts.mayCreate && pending.length > 0 ? ['CREATE'] : [],
			'The role lacks a right on the schema',
		),
		...rule(
			'invalid-index',
			whileBusy,
			facts.invalidIndexes,
			'Invalid indexes, which Postgres does not use and dumps leave out',
		),
		...rule(
			'interrupted',
			'warning',
			facts.interrupted.map(
				({ name, wasCommitted }) => `${name} (${wasCommitted ? 'committed' : 'nothing of it was left'})`,
			),
			'Its run was cut short, and deploying will settle it',
		),
		...rule('out-of-order', 'warning', outOfOrder, 'Pending although a later one is applied'),
	];
}
