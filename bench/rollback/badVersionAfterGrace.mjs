import { setTimeout as delay } from 'node:timers/promises';
import { NEW, OLD } from './createWorld.mjs';
import { startClients } from './startClients.mjs';

/** The grace of 30 s, and 5 s for what is under way. */
const GRACE_MS = 35_000;
const OBSERVED_MS = 10_000;
const WARM_UP_MS = 3_000;

/** Back cuts: clients that keep their connections are off the bad version, too, once the grace is over. */
export async function badVersionAfterGrace(world) {
	await world.switchTo(NEW);
	let decidedAt = Infinity;
	let late = 0;
	let good = 0;
	let lastBadMs = 0;
	const clients = startClients(world.services, {
		requestsPerSecond: 50,
		onAnswer: (version) => {
			const afterMs = performance.now() - decidedAt;
			if (afterMs < 0) return;
			if (version === OLD) good += 1;
			if (version !== NEW) return;
			lastBadMs = Math.max(lastBadMs, afterMs);
			if (afterMs > GRACE_MS) late += 1;
		},
		// What is cut is cut on purpose; its client comes back by a new connection.
		onFailure: () => {},
	});
	await delay(WARM_UP_MS);
	decidedAt = performance.now();
	const { warnings, ended } = await world.goBack({ scaleDownReplaced: true });
	await delay(Math.max(0, decidedAt + GRACE_MS + OBSERVED_MS - performance.now()));
	await clients.stop();
	if (warnings.length > 0) throw new Error(warnings.join('; '));
	if (good === 0 || ended.length === 0) throw new Error('nothing was observed');
	return {
		rows: [
			{ what: 'answers of the bad version later than 35 s', value: late, bound: '= 0' },
			{ what: 'its last answer, ms after the decision', value: lastBadMs, bound: '' },
		],
		figures: { badVersionRequestsAfterGrace: late, lastBadVersionAnswerMs: lastBadMs },
	};
}
