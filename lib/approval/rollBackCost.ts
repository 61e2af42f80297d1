import type { Release } from '../release/model';
import { formatDuration, formatTime } from './format';
import type { Evidence } from './model';

/** Steps of the rollback, by whose usual durations its time is told. */
const ROLL_BACK = 'rollback/';
/** By then the old version serves. */
const WATCH = 'rollback/watch';

/** The replaced version keeps its pods for as long as the release is watched, and no longer. */
const AFTER_THE_WATCH =
	'Once the watch is over, the old version has no pods any more: going back then has to start them first.';

export interface RollBackCost {
	/** How long it takes. */
	readonly time: string;
	/** What it loses. */
	readonly loss: string;
}

/** What going back would cost after this gate, in words. `usualDurationsMs` by step key, from earlier releases. */
export function describeRollBackCost(
	{ bound, shown }: Evidence,
	release: Pick<Release, 'pointOfNoReturn'>,
	usualDurationsMs: ReadonlyMap<string, number>,
): RollBackCost {
	const durations = [...usualDurationsMs].filter(([stepKey]) => stepKey.startsWith(ROLL_BACK) && stepKey !== WATCH);
	const totalMs = durations.reduce((sum, [, durationMs]) => sum + durationMs, 0);
	const time =
		durations.length > 0
			? `Going back usually takes ${formatDuration(totalMs)}.`
			: 'No rollback of this environment was measured yet; it is to be done within 10 minutes.';
	return { time: bound.guards.includes('switch') ? `${time} ${AFTER_THE_WATCH}` : time, loss: describeLoss() };

	function describeLoss(): string {
		const { pointOfNoReturn } = release;
		if (pointOfNoReturn)
			return `Going back has lost data since ${formatTime(new Date(pointOfNoReturn.since))}: ${pointOfNoReturn.reason}.`;
		if ((bound.migrations?.length ?? 0) === 0 || !bound.guards.includes('migrat'))
			return 'Nothing is lost: traffic returns to the old version, and the data stays as it is.';
		const taken = shown.backup?.takenAt;
		const backup = taken ? `the backup of ${formatTime(new Date(taken))}` : 'the backup';
		return (
			'The old version comes back without losing data, on the new schema. ' +
			`Only restoring ${backup} brings the old schema back, and it loses everything written since.`
		);
	}
}
