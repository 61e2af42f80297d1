import { rolloutErrors } from '../../../lib/rollout/errors';
import { readPatiently } from '../../../lib/rollout/readPatiently';
import { createFakeClock } from '../../support/fakeClock';

const { signal } = new AbortController();
const LOST = rolloutErrors.UNREACHABLE({ verb: 'get', kind: 'deployments', name: 'api-blue', problem: 'timeout' });
const FORBIDDEN = rolloutErrors.FORBIDDEN({ verb: 'get', kind: 'deployments', name: 'api-blue', namespace: 'p' });

describe('a read after a write', () => {
	const reading = (answers: Array<Error | string>) => {
		const clock = createFakeClock();
		let asked = 0;
		const read = async (): Promise<string> => {
			const answer = answers[Math.min(asked, answers.length - 1)] ?? LOST;
			asked += 1;
			return typeof answer === 'string' ? await Promise.resolve(answer) : await Promise.reject(answer);
		};
		const result = readPatiently(read, { timeoutMs: 5_000, clock, signal });
		return { result, asked: () => asked };
	};

	it('is asked again while the API cannot be reached', async () => {
		const { result, asked } = reading([LOST, LOST, 'there']);
		expect(await result).toBe('there');
		expect(asked()).toBe(3);
	});

	it('is given up when the time is over', async () => {
		const { result, asked } = reading([LOST]);
		await expect(result).rejects.toBe(LOST);
		expect(asked()).toBe(11);
	});

	it('is not repeated when it was refused', async () => {
		const { result, asked } = reading([FORBIDDEN, 'there']);
		await expect(result).rejects.toBe(FORBIDDEN);
		expect(asked()).toBe(1);
	});
});
