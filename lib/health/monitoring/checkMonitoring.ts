import { randomUUID } from 'node:crypto';
import type { Clock } from '../../support/clock';
import { worstVerdict, type Verdict } from '../../support/verdict';
import { assessSyntheticAlert, type AlertRule, type AssessedAlert } from './assessSyntheticAlert';
import { assessTargets, type AssessedTargets } from './assessTargets';
import { isUnasked, judgeUnasked, type Monitoring, type Notifications, type Unasked } from './model';

export interface MonitoringOptions extends AlertRule {
	/** Besides its name and its run, e.g. the severity that decides the route. */
	readonly labels: Readonly<Record<string, string>>;
	readonly clock: Clock;
	readonly signal: AbortSignal;
}

export interface CheckedAlert extends AssessedAlert {
	readonly verdict: Verdict;
}

export interface CheckedMonitoring {
	readonly verdict: Verdict;
	readonly reason: string;
	readonly configured: true;
	readonly targets: AssessedTargets;
	readonly alert: CheckedAlert;
}

/** What is said where the configuration has no monitoring: it stands in the way of nothing, and proves nothing. */
export const NOT_CONFIGURED = {
	verdict: 'passed',
	configured: false,
	reason: 'not configured: the configuration names no monitoring, so none was checked',
} as const;

const ALERT_POLL_MS = 500;
/** The list may be long. */
const TARGETS_POLL_MS = 2_000;
export const ALERT_NAME = 'DeploymentRunbookSynthetic';

/**
 * Whether monitoring works: every target is up and fresh, and an alert that nothing is wrong about goes in, is routed, and is sent out by
 * Alertmanager. That it reached a person is not known from that. The alert is resolved again.
 * @throws only the signal's reason
 */
export async function checkMonitoring(monitoring: Monitoring, options: MonitoringOptions): Promise<CheckedMonitoring> {
	const [targets, alert] = await Promise.all([checkTargets(monitoring, options), checkAlert(monitoring, options)]);
	const verdict = worstVerdict([targets.verdict, alert.verdict]);
	const open = [targets, alert].filter((part) => part.verdict !== 'passed');
	const told = open.length > 0 ? open : [targets, alert];
	return { verdict, reason: told.map(({ reason }) => reason).join('; '), configured: true, targets, alert };
}

/** Pods come and go: a target that is not yet, or no longer, there is given as much time as the alert. */
async function checkTargets(monitoring: Monitoring, options: MonitoringOptions): Promise<AssessedTargets> {
	const { clock, signal, patienceMs } = options;
	const startedMs = clock.monotonicMs();
	for (;;) {
		const targets = await monitoring.listTargets(signal);
		const assessed = isUnasked(targets)
			? { ...judgeUnasked('Prometheus', targets), targets: 0, problems: [] }
			: assessTargets(targets);
		const leftMs = startedMs + patienceMs - clock.monotonicMs();
		if (assessed.verdict === 'passed' || leftMs <= 0) return assessed;
		await clock.sleep(Math.min(TARGETS_POLL_MS, leftMs), signal);
	}
}

async function checkAlert(monitoring: Monitoring, options: MonitoringOptions): Promise<CheckedAlert> {
	const { clock, signal, labels, patienceMs } = options;
	const run = randomUUID();
	const before = await monitoring.readNotifications(signal);
	if (isUnasked(before)) return unsent(before);
	const startedMs = clock.monotonicMs();
	const send = async (endsInMs: number): Promise<Unasked | undefined> => {
		const now = clock.now().getTime();
		return await monitoring.sendAlert(
			{
				labels: { severity: 'info', ...labels, alertname: ALERT_NAME, run },
				startsAt: new Date(now - 1000).toISOString(),
				endsAt: new Date(now + endsInMs).toISOString(),
			},
			signal,
		);
	};
	const refused = await send(2 * patienceMs);
	if (refused) return unsent(refused);
	try {
		return await follow(monitoring, { ...options, run, before, startedMs });
	} finally {
		await send(0).catch(() => undefined);
	}
}

interface Following extends MonitoringOptions {
	readonly run: string;
	readonly before: Notifications;
	readonly startedMs: number;
}

async function follow(
	monitoring: Monitoring,
	{ run, before, startedMs, ...options }: Following,
): Promise<CheckedAlert> {
	const { clock, signal } = options;
	for (;;) {
		const seen = await monitoring.findAlert(run, signal);
		const now = await monitoring.readNotifications(signal);
		const tookMs = Math.round(clock.monotonicMs() - startedMs);
		const { verdict, ...assessed } = assessSyntheticAlert({ seen, before, now, tookMs }, options);
		if (verdict !== undefined) return { verdict, ...assessed };
		await clock.sleep(ALERT_POLL_MS, signal);
	}
}

function unsent(problem: Unasked): CheckedAlert {
	return { ...judgeUnasked('Alertmanager', problem), receivers: [], tookMs: null };
}
