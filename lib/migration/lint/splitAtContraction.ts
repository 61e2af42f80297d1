import type { DeployUpTo } from '../model';
import type { MigrationRisk, RiskProblem } from './model';

export interface Split {
	readonly deploys: readonly MigrationRisk[];
	readonly heldBack: readonly MigrationRisk[];
	/** Whatever stands behind a contraction cannot be applied without it: migrations run in order. */
	readonly problems: readonly RiskProblem[];
}

/** What a deployment applies, and what it leaves pending until the previous version is gone: everything from the first contraction on. */
export function splitAtContraction(migrations: readonly MigrationRisk[], upTo: DeployUpTo): Split {
	const first = upTo === 'all' ? -1 : migrations.findIndex(({ phase }) => phase === 'contract');
	if (first === -1) return { deploys: migrations, heldBack: [], problems: [] };
	const heldBack = migrations.slice(first);
	const behind = heldBack.filter(({ phase }) => phase !== 'contract').map(({ name }) => name);
	const text = `stand behind the contraction ${heldBack[0]?.name ?? ''}, and cannot run before it: ${behind.join(', ')}`;
	const problem: RiskProblem = { kind: 'behind-contract', severity: 'failed', names: behind, text };
	return { deploys: migrations.slice(0, first), heldBack, problems: behind.length > 0 ? [problem] : [] };
}
