import { assessStopped, type Care } from '../../../lib/release/assessStopped';
import { readClocks } from '../../../lib/release/readClocks';
import type { Json } from '../../../lib/release/model';
import { releaseLedger } from '../../shared/credentials';
import { fieldsOf } from '../../shared/describeOperations';
import type { Operation } from '../../shared/operation';
import { releaseJson } from '../releaseJson';
import { configurationField, readSettings, type Settings } from '../settings';

/** What the watchdog does for a release; one word for a Switch to pick. */
const NOTHING = { action: 'none', detail: '' };

/**
 * Looks after an environment's live release: tells when its run died (`stopped`), when it is to be rolled back because nobody came
 * (`roll-back`), and when a clock passed its warning (`warn`, once a clock). It changes nothing but that mark.
 */
export const lookAfter: Operation<Settings> = {
	name: 'lookAfter',
	kind: 'observe',
	resultKey: 'care',
	description: fieldsOf('lookAfter', [configurationField]),
	readParameters: readSettings,
	plan: ({ environment }) => ({ key: '', inputs: { environment } }),
	run: async ({ parameters: { environment, watchdog, clocks }, open, clock }) => {
		const ledger = await open(releaseLedger);
		const [release] = await ledger.listLiveReleases(environment);
		if (!release) return { result: { ...NOTHING, found: false } };
		const staleAfterMs = watchdog.staleAfterSeconds * 1000;
		const stopped = (await ledger.listStopped(environment, staleAfterMs)).some(({ id }) => id === release.id);
		const steps = await ledger.readSteps(release.id);
		const care: Care | undefined = stopped
			? assessStopped(release, steps, { now: clock.now(), rollBackAfterMs: watchdog.rollBackAfterSeconds * 1000 })
			: undefined;
		const assessed = await readClocks(ledger, release, { budgets: clocks, now: clock.now() });
		const late = assessed.filter(({ standing }) => standing !== 'in-time');
		const warned: string[] = [];
		// A release that died is told of first; its clocks warn once it goes on.
		for (const { name } of care ? [] : late) if (await ledger.claimWarning(release.id, name)) warned.push(name);
		const shares = late
			.filter(({ name }) => warned.includes(name))
			.map(({ name, share }) => `${name} ${Math.round(share * 100)} %`);
		const result = care ?? (shares.length > 0 ? { action: 'warn', detail: shares.join(', ') } : NOTHING);
		return {
			result: {
				...result,
				found: true,
				release: releaseJson(release),
				clocks: assessed.map((one): Json => ({ ...one })),
			},
		};
	},
};
