import { releaseSteps, rollbackSteps, type KillPoint } from '../../../sandbox/stories/killedPoint.ts';
import type { KillCase } from '../killedCase';

/** An environment for each row that a sandbox takes; more would only wait for each other on two cores. */
const ENVIRONMENTS = ['production', 'north', 'east', 'south'];

const GATES = ['gate-1/approval', 'gate-2/approval'] as const;

/** Every step, killed before its act and after it; the gates while they wait, too; and the rollback. */
const ROWS: readonly KillPoint[] = [
	...[...releaseSteps, ...rollbackSteps].flatMap((stepKey): KillPoint[] => [
		{ stepKey, moment: 'before' },
		{ stepKey, moment: 'after' },
	]),
	...GATES.map((stepKey): KillPoint => ({ stepKey, moment: 'waiting' })),
];

/** The rows whose name (`after 3.2/switch-traffic`) holds one of the words; all without any. Each group fits one sandbox. */
export function groupRows(words: readonly string[]): KillCase[][] {
	const wanted = ROWS.filter(
		({ stepKey, moment }) => words.length === 0 || words.some((word) => `${moment} ${stepKey}`.includes(word)),
	);
	const groups: KillCase[][] = [];
	for (let first = 0; first < wanted.length; first += ENVIRONMENTS.length)
		groups.push(
			wanted.slice(first, first + ENVIRONMENTS.length).map((point, index) => ({
				...point,
				environment: ENVIRONMENTS[index] ?? 'production',
			})),
		);
	return groups;
}
