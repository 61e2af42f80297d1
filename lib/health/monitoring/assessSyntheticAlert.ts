import type { Verdict } from '../../support/verdict';
import { isUnasked, judgeUnasked, type Notifications, type SeenAlert, type Unasked } from './model';

/** What was seen of the alert that was sent. */
export interface AlertFacts {
	/** Undefined when it is not there. */
	readonly seen: SeenAlert | Unasked | undefined;
	/** Before it was sent. */
	readonly before: Notifications;
	readonly now: Notifications | Unasked;
	/** Since it was sent, in milliseconds. */
	readonly tookMs: number;
}

export interface AlertRule {
	/** The receiver that the alert must be routed to; empty: any. */
	readonly receiver: string;
	/** How long it may take from being sent to being notified, in milliseconds. */
	readonly patienceMs: number;
}

export interface AssessedAlert {
	/** Undefined while it may still arrive. */
	readonly verdict: Verdict | undefined;
	readonly reason: string;
	readonly receivers: readonly string[];
	/** From sending it to the notification, in milliseconds; null when it did not come to that. */
	readonly tookMs: number | null;
}

/**
 * Whether a synthetic alert arrived: it is there, routed to the receiver, and a request that notifies was answered well since it was sent.
 * One that is suppressed or goes elsewhere fails at once; one that is not sent out in time fails then, or is inconclusive where Alertmanager could not be asked.
 */
export function assessSyntheticAlert(facts: AlertFacts, rule: AlertRule): AssessedAlert {
	const { seen, before, now, tookMs } = facts;
	const isOver = tookMs >= rule.patienceMs;
	if (isUnasked(seen)) return untold(seen, isOver);
	if (isUnasked(now)) return untold(now, isOver);
	const receivers = seen?.receivers ?? [];
	const found = (verdict: Verdict | undefined, reason: string): AssessedAlert => ({
		verdict,
		reason,
		receivers,
		tookMs: verdict === 'passed' ? tookMs : null,
	});
	if (now.sent < before.sent || now.failed < before.failed)
		return found('inconclusive', 'Alertmanager began anew meanwhile: what it had sent before cannot be told');
	if (seen === undefined) return found(isOver ? 'failed' : undefined, 'the alert was sent and is not there');
	if (seen.state === 'suppressed') return found('failed', 'the alert is silenced or inhibited');
	if (seen.state === 'active' && rule.receiver !== '' && !receivers.includes(rule.receiver))
		return found('failed', `the alert goes to ${receivers.join(', ') || 'nobody'}, not to ${rule.receiver}`);
	if (now.sent > before.sent) return found('passed', `the alert went to ${receivers.join(', ')} in ${tookMs} ms`);
	const problem = now.failed > before.failed ? 'what Alertmanager sends fails' : 'no notification was sent';
	return found(isOver ? 'failed' : undefined, `the alert is there, and ${problem}`);
}

function untold(problem: Unasked, isOver: boolean): AssessedAlert {
	const { verdict, reason } = judgeUnasked('Alertmanager', problem);
	return { verdict: isOver ? verdict : undefined, reason, receivers: [], tookMs: null };
}
