import { checkMonitoring, type CheckedMonitoring } from '../../../../lib/health/monitoring/checkMonitoring';
import type { Monitoring, ScrapedTarget, SyntheticAlert, Unasked } from '../../../../lib/health/monitoring/model';
import { createFakeClock } from '../../../support/fakeClock';

const up: ScrapedTarget = { name: 'api', health: 'up', error: '', ageMs: 1000, intervalMs: 15_000 };
const down: ScrapedTarget = { ...up, health: 'down', error: 'refused' };

/** Monitoring that works: it notifies with the second look; what differs is given. */
function scripted(change: Partial<Monitoring> = {}): { monitoring: Monitoring; alerts: SyntheticAlert[] } {
	const alerts: SyntheticAlert[] = [];
	let looks = 0;
	const monitoring: Monitoring = {
		listTargets: async () => await Promise.resolve([up]),
		sendAlert: async (alert) => await Promise.resolve(void alerts.push(alert)),
		findAlert: async (run) => {
			const known = alerts.some(({ labels }) => labels.run === run);
			return await Promise.resolve(known ? { state: 'active', receivers: ['on-call'] } : undefined);
		},
		readNotifications: async () => await Promise.resolve({ sent: Math.max(0, looks++ - 1), failed: 0 }),
		close: async () => await Promise.resolve(),
		...change,
	};
	return { monitoring, alerts };
}

const clock = createFakeClock();
const check = async (monitoring: Monitoring, signal = new AbortController().signal): Promise<CheckedMonitoring> =>
	await checkMonitoring(monitoring, { receiver: 'on-call', labels: {}, patienceMs: 10_000, clock, signal });

describe('checkMonitoring', () => {
	it('passes, and resolves the alert that it sent', async () => {
		const { monitoring, alerts } = scripted();
		expect(await check(monitoring)).toMatchObject({
			verdict: 'passed',
			configured: true,
			targets: { verdict: 'passed' },
			alert: { verdict: 'passed', receivers: ['on-call'] },
		});
		expect(alerts.map(({ labels }) => labels.alertname)).toEqual(Array(2).fill('DeploymentRunbookSynthetic'));
		expect(new Set(alerts.map(({ labels }) => labels.run)).size).toBe(1);
		expect(Date.parse(alerts[1]?.endsAt ?? '')).toBeLessThanOrEqual(clock.now().getTime());
	});

	it('waits for a target that comes up meanwhile', async () => {
		const answers = [[down], [{ ...up, health: 'unknown' as const, ageMs: null }]];
		const { monitoring } = scripted({ listTargets: async () => await Promise.resolve(answers.shift() ?? [up]) });
		expect(await check(monitoring)).toMatchObject({ verdict: 'passed', targets: { problems: [] } });
	});

	it('fails for a target that stays down', async () => {
		const { monitoring } = scripted({ listTargets: async () => await Promise.resolve([up, down]) });
		expect(await check(monitoring)).toMatchObject({
			verdict: 'failed',
			reason: 'api is down: refused',
			alert: { verdict: 'passed' },
		});
	});

	it('resolves the alert also when it did not arrive', async () => {
		const readNotifications = async () => await Promise.resolve({ sent: 3, failed: 0 });
		const { monitoring, alerts } = scripted({ readNotifications });
		expect(await check(monitoring)).toMatchObject({ verdict: 'failed', alert: { tookMs: null } });
		expect(alerts).toHaveLength(2);
	});

	it.each<[Unasked['kind'], string]>([
		['failed', 'failed'],
		['gap', 'inconclusive'],
	])('an alert that cannot be sent (%s) is %s', async (kind, verdict) => {
		const { monitoring } = scripted({ sendAlert: async () => await Promise.resolve({ kind, reason: 'no' }) });
		expect(await check(monitoring)).toMatchObject({ verdict, reason: 'Alertmanager: no' });
	});

	it('ends with the execution that is cancelled', async () => {
		const cancelled = AbortSignal.abort(new Error('cancelled'));
		const { monitoring } = scripted({ listTargets: async () => await Promise.resolve([]) });
		await expect(check(monitoring, cancelled)).rejects.toThrow('cancelled');
	});
});
