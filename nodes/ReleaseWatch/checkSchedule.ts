import type { Workflow } from 'n8n-workflow';
import { parameterErrors } from '../../lib/support/errors';
import type { ParameterReader } from '../shared/operation';
import type { EnvironmentSettings } from './environmentSettings';

const SCHEDULE = 'n8n-nodes-base.scheduleTrigger';
/** By unit: its seconds, where its number stands, and the number that n8n leaves out. */
const UNITS: Readonly<Record<string, { readonly seconds: number; readonly count: string; readonly unsaid: number }>> = {
	seconds: { seconds: 1, count: 'secondsInterval', unsaid: 30 },
	minutes: { seconds: 60, count: 'minutesInterval', unsaid: 5 },
	hours: { seconds: 3600, count: 'hoursInterval', unsaid: 1 },
};

/**
 * The interval of the schedule that starts the running workflow must be the one that looks are judged by: a longer one would make each look a
 * gap. A workflow without a schedule, or with one that is no plain interval, is not judged.
 * @throws RunbookError PARAMETER.INVALID naming both
 */
export function checkSchedule(
	context: Pick<ParameterReader, 'getNode'>,
	environments: readonly EnvironmentSettings[],
): void {
	const scheduled = readSchedule((context as { readonly workflow?: Pick<Workflow, 'nodes'> }).workflow);
	if (scheduled === undefined) return;
	for (const { name, rules } of environments) {
		const other = rules.find(({ intervalMs }) => intervalMs !== scheduled * 1000);
		if (other === undefined) continue;
		throw parameterErrors.INVALID({
			field: 'policy.watch.intervalSeconds',
			problem: `${name} is judged by a look every ${other.intervalMs / 1000} s, and the schedule looks every ${scheduled} s`,
			remedy: 'Write the same number of seconds into the schedule of this workflow and into policy.watch.intervalSeconds',
		});
	}
}

/** Seconds; undefined when there is no schedule, or none that is one plain interval. */
function readSchedule(workflow: Pick<Workflow, 'nodes'> | undefined): number | undefined {
	const schedules = Object.values(workflow?.nodes ?? {}).filter(
		({ type, disabled }) => type === SCHEDULE && !disabled,
	);
	const rule = schedules[0]?.parameters.rule as { interval?: Array<Record<string, unknown>> } | undefined;
	const [interval, ...others] = rule?.interval ?? [];
	if (schedules.length !== 1 || interval === undefined || others.length > 0) return undefined;
	const unit = UNITS[String(interval.field ?? '')];
	if (unit === undefined) return undefined;
	const count = interval[unit.count] ?? unit.unsaid;
	return typeof count === 'number' ? unit.seconds * count : undefined;
}
