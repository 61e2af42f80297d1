import { sweepScratch as sweep } from '../../../lib/backup/sweepScratch';
import { scratchPostgres } from '../../shared/credentials';
import type { Operation } from '../../shared/operation';

/** Drops the scratch databases that a killed verification left behind, once their time is over. No step of a release: the watchdog calls it. */
export const sweepScratch: Operation<Readonly<Record<string, never>>> = {
	name: 'sweepScratch',
	kind: 'change',
	resultKey: 'scratch',
	alwaysRuns: true,
	description: [],
	deadlineMs: () => 300_000,
	readParameters: () => ({}),
	plan: () => ({ key: '', inputs: {} }),
	run: async ({ open, signal, clock, log }) => {
		const { dropped, notDue, failed } = await sweep(await open(scratchPostgres), { signal, clock, log });
		return {
			result: {
				dropped: dropped.map((entry) => ({ ...entry })),
				notDue: notDue.map((entry) => ({ ...entry })),
				failed: failed.map((entry) => ({ ...entry })),
			},
		};
	},
};
