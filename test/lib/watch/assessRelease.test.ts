import type { Alert, WatchedRelease } from '../../../lib/release/watchStore';
import { assessRelease, assessWithheld } from '../../../lib/watch/assessRelease';
import type { SignalJudgement } from '../../../lib/watch/judgeSignal';

const MINUTE = 60_000;
const NOW = 100 * MINUTE;

const watched: WatchedRelease = {
	id: 'r-1',
	token: 7,
	version: '2',
	state: 'watching',
	switchedAtMs: NOW - 5 * MINUTE,
	watchUntilMs: NOW + 5 * MINUTE,
	silentMs: 1000,
	rollingBack: false,
	rollbackProven: true,
};
const over: WatchedRelease = { ...watched, watchUntilMs: NOW - 1 };
const unproven: WatchedRelease = { ...watched, rollbackProven: false };
const longOver: WatchedRelease = { ...watched, watchUntilMs: NOW - 10 * MINUTE };
const dead: WatchedRelease = { ...watched, state: 'running', watchUntilMs: null, silentMs: 2 * MINUTE };
const calm: SignalJudgement = {
	signal: 'health',
	level: null,
	held: { state: 'clear', forMs: 0, samples: 0 },
	calm: true,
	cleared: true,
	breachedSinceMs: null,
	blindLooks: 0,
	looked: true,
	value: 0,
	reason: '0 of 2 failed',
};
const at = (level: SignalJudgement['level'], change: Partial<SignalJudgement> = {}): SignalJudgement => ({
	...calm,
	signal: 'error-rate',
	level,
	calm: false,
	cleared: false,
	breachedSinceMs: NOW - 2 * MINUTE,
	reason: '12 of 100 failed',
	...change,
});
const alert = (change: Partial<Alert> = {}): Alert => ({
	signal: 'error-rate',
	level: 'critical',
	pagedAtMs: NOW - 5 * MINUTE,
	acknowledged: false,
	...change,
});

function act(release: WatchedRelease, judgements: readonly SignalJudgement[], alerts: readonly Alert[] = []) {
	const limits = { nowMs: NOW, staleAfterMs: MINUTE, answerWithinMs: 5 * MINUTE, giveUpAfterMs: 10 * MINUTE };
	const found = assessRelease({ release, judgements, alerts, ...limits });
	return found ? `${found.act}${found.unjudged ? ' unjudged' : ''}` : 'nothing';
}

describe('what the watch does about a release', () => {
	it.each<[string, WatchedRelease, SignalJudgement[], Alert[], string]>([
		['serves and is calm', watched, [calm], [], 'nothing'],
		['a held breach rolls back', watched, [calm, at('rollback')], [], 'roll-back'],
		['so does one behind the end of the window that calm has not ended', over, [at('rollback')], [], 'roll-back'],
		['a run that died behind the switch', dead, [at('rollback')], [], 'roll-back'],
		['a run that is alive judges itself', { ...dead, silentMs: 10_000 }, [at('rollback')], [], 'nothing'],
		['a run that died before the switch', { ...dead, switchedAtMs: null }, [at('rollback')], [], 'nothing'],
		[
			'what was bad before the switch',
			watched,
			[at('rollback', { breachedSinceMs: NOW - 6 * MINUTE })],
			[],
			'nothing',
		],
		['its rollback has begun', { ...watched, rollingBack: true }, [at('rollback')], [], 'nothing'],
		[
			'a gap never fires',
			watched,
			[at(null, { held: { state: 'interrupted', forMs: 90_000, samples: 9 } })],
			[],
			'nothing',
		],
		['what cannot be told never fires', watched, [at('unknown', { breachedSinceMs: null })], [], 'nothing'],
		['critical, paged 5 minutes ago, nobody answered', watched, [at('critical')], [alert()], 'roll-back'],
		['critical, somebody answered', watched, [at('critical')], [alert({ acknowledged: true })], 'nothing'],
		[
			'critical, paged 4:59 ago',
			watched,
			[at('critical')],
			[alert({ pagedAtMs: NOW - 5 * MINUTE + 1000 })],
			'nothing',
		],
		['warning, nobody answered', watched, [at('warning')], [alert({ level: 'warning' })], 'nothing'],
		[
			'critical before, calm now, alert still open',
			watched,
			[calm, { ...calm, signal: 'error-rate' }],
			[alert()],
			'nothing',
		],
		[
			'answered, and then above the rollback limit',
			watched,
			[at('rollback')],
			[alert({ acknowledged: true })],
			'roll-back',
		],
		[
			'waits for approval: a breach voids it',
			{ ...watched, state: 'waiting', switchedAtMs: null },
			[at('rollback')],
			[],
			'void-gate',
		],
		[
			'waits, critical only',
			{ ...watched, state: 'waiting', switchedAtMs: null },
			[at('critical')],
			[alert()],
			'nothing',
		],
		['the window is over in calm', over, [calm], [], 'finish'],
		['over, but one signal is not calm', over, [calm, at(null)], [], 'nothing'],
		['over, but one cannot be told', over, [calm, at('unknown')], [], 'nothing'],
		['over for as long again, and one cannot be told', longOver, [calm, at('unknown')], [], 'finish unjudged'],
		[
			'the same a second earlier',
			{ ...longOver, watchUntilMs: NOW - 10 * MINUTE + 1000 },
			[calm, at('unknown')],
			[],
			'nothing',
		],
		['over for as long, but a limit is breached', longOver, [at('warning'), at('unknown')], [], 'nothing'],
		['over for as long, but a breach is under way', longOver, [at(null), at('unknown')], [], 'nothing'],
		['over for as long, and a breach is held', longOver, [at('rollback'), at('unknown')], [], 'roll-back'],
		[
			'a run that died is not ended by that',
			{ ...dead, watchUntilMs: NOW - 10 * MINUTE },
			[at('unknown')],
			[],
			'nothing',
		],
		['over, but nothing was judged', over, [], [], 'nothing'],
		['a held breach, with nothing that is proven to go back to', unproven, [at('rollback')], [], 'nothing'],
		['critical and unanswered, with nothing proven', unproven, [at('critical')], [alert()], 'nothing'],
		[
			'waits for approval, with nothing proven: a breach still voids it',
			{ ...unproven, state: 'waiting', switchedAtMs: null },
			[at('rollback')],
			[],
			'void-gate',
		],
		['the window is over in calm, with nothing proven', { ...over, rollbackProven: false }, [calm], [], 'finish'],
	])('%s', (_, release, judgements, alerts, expected) => {
		expect(act(release, judgements, alerts)).toBe(expected);
	});

	it('says which signal, and that nobody answered', () => {
		const limits = { nowMs: NOW, staleAfterMs: MINUTE, answerWithinMs: 5 * MINUTE, giveUpAfterMs: 10 * MINUTE };
		expect(
			assessRelease({ release: watched, judgements: [at('critical')], alerts: [alert()], ...limits })?.reason,
		).toBe('error-rate: 12 of 100 failed; nobody answered the page');
	});
});

describe('what a person has to decide', () => {
	const limits = { nowMs: NOW, staleAfterMs: MINUTE, answerWithinMs: 5 * MINUTE, giveUpAfterMs: 10 * MINUTE };
	const ask = (release: WatchedRelease, judgement: SignalJudgement, alerts: readonly Alert[] = []) =>
		assessWithheld({ release, judgements: [judgement], alerts, ...limits });

	it('is told with the reason for which it would have gone back', () => {
		expect(ask(unproven, at('rollback'))).toBe(
			'error-rate: 12 of 100 failed. Release r-1 does not go back by itself: the previous version is not proven to run on the new schema. ' +
				'Roll back by hand, or mend forward',
		);
		expect(ask(unproven, at('critical'), [alert()])).toContain('nobody answered the page. Release r-1');
	});

	it.each<[string, WatchedRelease, SignalJudgement]>([
		['the rollback is proven', watched, at('rollback')],
		['a person has begun it', { ...unproven, rollingBack: true }, at('rollback')],
		['it waits for approval', { ...unproven, state: 'waiting' }, at('rollback')],
		['nothing is bad', unproven, calm],
		['it was bad before the switch', unproven, at('rollback', { breachedSinceMs: NOW - 6 * MINUTE })],
	])('is nothing when %s', (_, release, judgement) => {
		expect(ask(release, judgement)).toBeUndefined();
	});
});
