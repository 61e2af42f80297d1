import { ticks } from '../../../lib/support/ticks';
import { createFakeClock } from '../../support/fakeClock';

describe('ticks', () => {
	it('stays on one grid and skips the times that a slow look missed', async () => {
		const clock = createFakeClock();
		const looks: number[] = [];
		for await (const atMs of ticks(clock, { intervalMs: 5000, signal: new AbortController().signal })) {
			looks.push(atMs);
			clock.advance(looks.length === 2 ? 11_000 : 700);
			if (looks.length === 4) break;
		}
		expect(looks).toEqual([0, 5000, 20_000, 25_000]);
	});

	it('ends with the reason of the signal', async () => {
		const controller = new AbortController();
		const clock = createFakeClock();
		const looking = async (): Promise<void> => {
			for await (const _ of ticks(clock, { intervalMs: 10, signal: controller.signal }))
				controller.abort(new Error('cancelled in n8n'));
		};
		await expect(looking()).rejects.toThrow('cancelled in n8n');
	});
});
