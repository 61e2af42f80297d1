import { describe, expect, it } from '@jest/globals';
import { rolloutErrors } from '../../../lib/rollout/errors';
import { patchUntilWritten } from '../../../lib/rollout/patchUntilWritten';

const OPERATIONS = [{ op: 'add', path: '/spec/replicas', value: 3 }] as const;
const conflict = () => rolloutErrors.TEST_FAILED({ kind: 'deployments', name: 'api', problem: 'test failed' });
const lost = () => rolloutErrors.UNREACHABLE({ verb: 'patch', kind: 'deployments', name: 'api', problem: 'timeout' });
const forbidden = () =>
	rolloutErrors.FORBIDDEN({ verb: 'patch', kind: 'deployments', name: 'api', namespace: 'default' });

/** An object with a number that is to become 3, whose writes end as scripted; written after that. */
function scripted(outcomes: ReadonlyArray<{ applies: boolean; error: Error }>) {
	let stored = 1;
	let writes = 0;
	const run = async () =>
		await patchUntilWritten<number>({
			read: async () => await Promise.resolve(stored),
			decide: (read) => (read === 3 ? undefined : OPERATIONS),
			patch: async () => {
				const outcome = outcomes[(writes += 1) - 1];
				if (!outcome || outcome.applies) stored = 3;
				if (outcome) throw outcome.error;
				return await Promise.resolve(stored);
			},
		});
	return { run, writes: () => writes };
}

describe('a write to an object that others write to, too', () => {
	it('is sent once, and not at all when nothing is left to do', async () => {
		const { run, writes } = scripted([]);
		expect(await run()).toEqual({ object: 3, written: true });
		expect(await run()).toEqual({ object: 3, written: false });
		expect(writes()).toBe(1);
	});

	it('is decided and sent again after somebody else was first', async () => {
		const { run, writes } = scripted([{ applies: false, error: conflict() }]);
		expect(await run()).toEqual({ object: 3, written: true });
		expect(writes()).toBe(2);
	});

	it('is not sent a second time when its answer got lost and it was applied', async () => {
		const { run, writes } = scripted([{ applies: true, error: lost() }]);
		expect(await run()).toEqual({ object: 3, written: true });
		expect(writes()).toBe(1);
	});

	it('gives up with the conflict after five attempts', async () => {
		const { run, writes } = scripted(Array.from({ length: 9 }, () => ({ applies: false, error: conflict() })));
		await expect(run()).rejects.toMatchObject({ code: 'ROLLOUT.TEST_FAILED' });
		expect(writes()).toBe(5);
	});

	it('is not tried again when it is not allowed', async () => {
		const { run, writes } = scripted([{ applies: false, error: forbidden() }]);
		await expect(run()).rejects.toMatchObject({ code: 'ROLLOUT.FORBIDDEN' });
		expect(writes()).toBe(1);
	});
});
