import { describeKey } from './describeText';
import { objectOf } from './jsonFields';
import type { ReleaseFacts } from './model';
import { DECISIONS, errorText, gateVerdict, verdictOf, type Entry } from './timelineWords';

/** For a ledger whose releases have no events yet. */
export function readRows({ release, steps, gates, refusals }: ReleaseFacts): Entry[] {
	const at = (date: Date, kind: Entry['kind'], title: string, detail = ''): Entry => ({
		at: date.toISOString(),
		kind,
		title,
		detail,
		verdict: null,
		sequence: null,
	});
	return [
		at(release.startedAt, 'release', `Release of ${release.version} begun by ${release.startedBy}`),
		...steps.map((step) => {
			const verdict = verdictOf(step.state);
			const title = `${step.stepKey}${step.itemKey === '' ? '' : ` (${step.itemKey})`} ${verdict ?? 'started'}`;
			const detail = step.attempts > 1 ? `Attempt ${step.attempts}. ` : '';
			return {
				...at(
					step.finishedAt ?? step.startedAt,
					'step',
					title,
					`${detail}${errorText(objectOf(step.error))}`.trim(),
				),
				verdict,
			};
		}),
		...gates.flatMap(({ gate, votes }) => [
			at(gate.openedAt, 'gate', `${describeKey(gate.gate)} opened`),
			...votes.map((vote) =>
				at(
					vote.votedAt,
					'vote',
					`${vote.approver}: ${describeKey(gate.gate)} ${DECISIONS[vote.decision] ?? vote.decision}`,
					vote.comment,
				),
			),
			...(gate.decidedAt
				? [
						{
							...at(gate.decidedAt, 'gate', `${describeKey(gate.gate)} ${gate.state}`, gate.reason),
							verdict: gateVerdict(gate.state),
						},
					]
				: []),
		]),
		...refusals.map((refusal) => at(refusal.at, 'refusal', `Refused: ${refusal.code}`, refusal.message)),
		...(release.rollingBackAt ? [at(release.rollingBackAt, 'release', 'Taken over for a rollback')] : []),
		...(release.finishedAt ? [at(release.finishedAt, 'release', `State: ${release.state}`, release.reason)] : []),
	];
}
