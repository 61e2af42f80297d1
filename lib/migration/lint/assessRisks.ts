import { worstVerdict, type Verdict } from '../../support/verdict';
import type { DeployUpTo, Migration } from '../model';
import type { ParsedScript } from '../sqlParser.client';
import { KnownSchema } from './knownSchema';
import type {
	DeclaredPhase,
	LintLimits,
	MigrationRisk,
	Phase,
	Risk,
	RiskCard,
	RiskProblem,
	SchemaFacts,
	TableLock,
} from './model';
import { literalsIn } from './names';
import type { RuleId } from './rules';
import { splitAtContraction } from './splitAtContraction';
import { classifyStatement } from './statementRules';

/** A pending migration and its statements. */
export interface PendingScript {
	readonly migration: Migration;
	readonly script: ParsedScript;
}

/** Locks behind which writers wait. */
const BLOCKING: readonly (TableLock | null)[] = ['SHARE', 'SHARE ROW EXCLUSIVE', 'EXCLUSIVE', 'ACCESS EXCLUSIVE'];
const MOST_SHOWN = 50;
/** Not worth a line on the card. */
const QUIET: readonly RuleId[] = ['adds-only', 'create-object'];

/** Judges what is pending, statement by statement, in the order in which it would run. */
export function assessRisks(
	pending: readonly PendingScript[],
	facts: SchemaFacts,
	{ smallTableBytes, upTo }: LintLimits,
): RiskCard {
	const known = new KnownSchema(facts);
	const migrations: MigrationRisk[] = [];
	const problems: RiskProblem[] = [];
	for (const { migration, script } of pending) {
		const risks = findRisks(migration.name, script, known);
		const declared = readDeclared(migration.script);
		const phase = declared ?? worstPhase(risks, script);
		const { name, checksum, transaction } = migration;
		migrations.push({
			name,
			checksum,
			transaction,
			phase,
			declared,
			statements: script.statements?.length ?? 0,
			risks: risks.filter(({ rule }) => !QUIET.includes(rule)).slice(0, MOST_SHOWN),
			unreadable: script.problem ?? null,
		});
		problems.push(...findProblems({ migration, script, risks, phase, declared, smallTableBytes, upTo }));
	}
	const split = splitAtContraction(migrations, upTo);
	problems.push(...split.problems);
	return {
		verdict: worstVerdict(['passed', ...problems.map(({ severity }): Verdict => severity)]),
		migrations,
		previousVersionMayServe: migrations.every(({ phase }) => phase === 'expand'),
		deploys: split.deploys.map(({ name, checksum }) => ({ name, checksum })),
		heldBack: split.heldBack.map(({ name }) => name),
		problems,
	};
}

function findRisks(migration: string, { statements = [] }: ParsedScript, known: KnownSchema): Risk[] {
	return statements.flatMap(({ node, line }) =>
		classifyStatement(node, known).map((effect) => ({
			...effect,
			migration,
			line,
			tableBytes: known.sizeOf(effect.table),
		})),
	);
}

function worstPhase(risks: readonly Risk[], { problem }: ParsedScript): Phase {
	if (risks.some(({ phase }) => phase === 'contract')) return 'contract';
	return problem !== undefined || risks.some(({ phase }) => phase === 'unknown') ? 'unknown' : 'expand';
}

/** What the author says of it in a comment before the first statement; only they know what the previous version does. */
function readDeclared(script: string): DeclaredPhase | null {
	const head = /^(?:\s*--[^\n]*\n)*?\s*--\s*deployment-runbook:\s*(expand|contract)\s*(?:\n|$)/.exec(script);
	return head ? (head[1] as DeclaredPhase) : null;
}

interface Judged {
	readonly migration: Migration;
	readonly script: ParsedScript;
	readonly risks: readonly Risk[];
	readonly phase: Phase;
	readonly declared: DeclaredPhase | null;
	readonly smallTableBytes: number;
	readonly upTo: DeployUpTo;
}

function findProblems({ migration, script, risks, phase, declared, smallTableBytes, upTo }: Judged): RiskProblem[] {
	const { name } = migration;
	const at = (some: readonly Risk[]): string => some.map(({ line, text }) => `line ${line} ${text}`).join('; ');
	const problem = (kind: RiskProblem['kind'], severity: RiskProblem['severity'], text: string): RiskProblem => ({
		kind,
		severity,
		names: [name],
		text: `${name}: ${text}`,
	});
	const blocking = risks.filter(
		({ lock, work, tableBytes }) =>
			BLOCKING.includes(lock) && (work === 'scan' || work === 'rewrite') && (tableBytes ?? 0) > smallTableBytes,
	);
	const used = findUsedEnumValue(script);
	const needed = phase === 'contract' && !declared ? findNeeded(risks) : [];
	return [
		...(script.problem === undefined
			? []
			: [problem('unreadable', declared ? 'failed' : 'inconclusive', `cannot be read: ${script.problem}`)]),
		...(migration.transaction === 'impossible'
			? [problem('impossible-script', 'failed', 'holds a statement that Postgres only runs alone, beside others')]
			: []),
		...(needed.length > 0 && upTo === 'lastExpand'
			? [
					problem(
						'contract-needed',
						'failed',
						`takes something from the previous version and adds what the release needs: ${at(needed)}. Make it two migrations or more`,
					),
				]
			: []),
		...(phase === 'unknown' && script.problem === undefined
			? [problem('unknown', 'inconclusive', at(risks.filter((risk) => risk.phase === 'unknown')))]
			: []),
		...(blocking.length > 0
			? [problem('blocks', 'failed', `would keep a large table locked: ${at(blocking)}`)]
			: []),
		...(used === undefined
			? []
			: [problem('enum-value-used', 'failed', `uses the value "${used}" in the transaction that adds it`)]),
	];
}

/** What a contraction also adds or names anew: the version that is released needs it, so the migration cannot wait. */
function findNeeded(risks: readonly Risk[]): Risk[] {
	return risks.filter(({ rule, phase }) => ADDS.includes(rule) || (phase === 'contract' && RESHAPES.includes(rule)));
}

const ADDS: readonly RuleId[] = [
	'add-column',
	'required-column',
	'volatile-default',
	'generated-column',
	'json-column',
	'create-object',
	'enum-value',
];
const RESHAPES: readonly RuleId[] = [
	'change-type',
	'rename-column',
	'rename-table',
	'rename-object',
	'rename-enum-value',
];

/** Postgres refuses to use an enum's new value before the transaction that added it has ended. */
function findUsedEnumValue({ statements = [] }: ParsedScript): string | undefined {
	const added = statements.flatMap(({ node }) =>
		'AlterEnumStmt' in node && node.AlterEnumStmt.oldVal === undefined ? [node.AlterEnumStmt.newVal ?? ''] : [],
	);
	if (added.length === 0) return undefined;
	const literals = statements.flatMap(({ node }) => literalsIn(node));
	return added.find((value) => literals.includes(value));
}
