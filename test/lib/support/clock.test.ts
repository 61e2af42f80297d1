import { systemClock } from '../../../lib/support/clock';

describe('systemClock', () => {
	it('measures durations with a clock that never goes back', () => {
		const first = systemClock.monotonicMs();
		expect(systemClock.monotonicMs()).toBeGreaterThanOrEqual(first);
	});

	it('sleeps at least as long as asked', async () => {
		const before = systemClock.monotonicMs();
		await systemClock.sleep(20);
		// Timers may fire a fraction of a millisecond early.
		expect(systemClock.monotonicMs() - before).toBeGreaterThan(18);
	});

	it('wakes with an error as soon as its signal is aborted', async () => {
		const cancel = new AbortController();
		const sleeping = systemClock.sleep(60_000, cancel.signal);
		cancel.abort();
		await expect(sleeping).rejects.toMatchObject({ name: 'AbortError' });
	});

	it('does not fall asleep under a signal that is aborted already', async () => {
		await expect(systemClock.sleep(60_000, AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' });
	});
});
