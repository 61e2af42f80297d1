import { randomUUID } from 'node:crypto';
import type { Clock } from '../../support/clock';
import { worstVerdict, type Verdict } from '../../support/verdict';
import { assessTargets, type AssessedTargets } from './assessTargets';
import { isUnasked, type Monitoring, type Notifications, type Unasked } from './model';

export interface MonitoringOptions {
	/** The receiver that the alert must be routed to; empty: any. */
	readonly receiver: string;
	/** Besides its name and its run, e.g. the severity that decides the route. */
	readonly labels: Readonly<Record<string, string>>;
	/** How long the alert may take from being sent to being notified, in milliseconds. */
	readonly patienceMs: number;
	readonly clock: Clock;
	readonly signal: AbortSignal;
}

export interface CheckedAlert {
	readonly verdict: Verdict;
	readonly reason: string;
	readonly receivers: readonly string[];
	/** From sending it to the notification, in milliseconds; null when it did not come to that. */
	readonly tookMs: number | null;
}

export interface CheckedMonitoring {
	readonly verdict: Verdict;
	readonly reason: string;
	readonly targets: AssessedTargets;
	readonly alert: CheckedAlert;
}

const POLL_MS = 500;
export const ALERT_NAME = 'DeploymentRunbookSynthetic';

/**
 * Whether monitoring works: every target is up and fresh, and an alert that nothing is wrong about goes in, is routed, and is sent out by
 * Alertmanager. That it reached a person is not known from that. The alert is resolved again.
 * @throws only the signal's reason
 */
export async function checkMonitoring(monitoring: Monitoring, options: MonitoringOptions): Promise<CheckedMonitoring> {
	const [targets, alert] = await Promise.all([
		checkTargets(monitoring, options.signal),
		checkAlert(monitoring, options),
	]);
	const verdict = worstVerdict([targets.verdict, alert.verdict]);
	const open = [targets, alert].filter((part) => part.verdict !== 'passed');
	const told = open.length > 0 ? open : [targets, alert];
	return { verdict, reason: told.map(({ reason }) => reason).join('; '), targets, alert };
}

async function checkTargets(monitoring: Monitoring, signal: AbortSignal): Promise<AssessedTargets> {
	const targets = await monitoring.listTargets(signal);
	if (!isUnasked(targets)) return assessTargets(targets);
	return { ...judgeUnasked('Prometheus', targets), targets: 0, problems: [] };
}

async function checkAlert(monitoring: Monitoring, options: MonitoringOptions): Promise<CheckedAlert> {
	const { clock, signal, labels, patienceMs } = options;
	const run = randomUUID();
	const before = await monitoring.readNotifications(signal);
	if (isUnasked(before)) return unasked(before);
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
	if (refused) return unasked(refused);
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

async function follow(monitoring: Monitoring, options: Following): Promise<CheckedAlert> {
	const { clock, signal, receiver, patienceMs, run, before, startedMs } = options;
	let found: Omit<CheckedAlert, 'verdict'> = {
		reason: 'the alert was sent and is not there',
		receivers: [],
		tookMs: null,
	};
	for (;;) {
		const seen = await monitoring.findAlert(run, signal);
		const now = await monitoring.readNotifications(signal);
		const tookMs = Math.round(clock.monotonicMs() - startedMs);
		if (isUnasked(seen) || isUnasked(now))
			found = { ...found, reason: isUnasked(seen) ? seen.reason : (now as Unasked).reason };
		else if (seen) {
			const { receivers, state } = seen;
			const routed = receiver === '' || receivers.includes(receiver);
			if (state === 'suppressed')
				return { verdict: 'failed', reason: 'the alert is silenced or inhibited', receivers, tookMs: null };
			if (!routed && state === 'active')
				return {
					verdict: 'failed',
					reason: `the alert goes to ${receivers.join(', ') || 'nobody'}, not to ${receiver}`,
					receivers,
					tookMs: null,
				};
			if (now.sent > before.sent)
				return {
					verdict: 'passed',
					reason: `the alert went to ${receivers.join(', ')} in ${tookMs} ms`,
					receivers,
					tookMs,
				};
			const problem = now.failed > before.failed ? 'what Alertmanager sends fails' : 'no notification was sent';
			found = { reason: `the alert is there, and ${problem}`, receivers, tookMs: null };
		}
		if (tookMs >= patienceMs) return { ...found, verdict: 'failed' };
		await clock.sleep(POLL_MS, signal);
	}
}

function unasked(problem: Unasked): CheckedAlert {
	return { ...judgeUnasked('Alertmanager', problem), receivers: [], tookMs: null };
}

function judgeUnasked(who: string, { kind, reason }: Unasked): { verdict: Verdict; reason: string } {
	return { verdict: kind === 'failed' ? 'failed' : 'inconclusive', reason: `${who}: ${reason}` };
}
