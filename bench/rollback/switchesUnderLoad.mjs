import { setTimeout as delay } from 'node:timers/promises';
import { NEW, OLD } from './createWorld.mjs';
import { startClients } from './startClients.mjs';

const REQUESTS_PER_SECOND = 300;
/** A switch takes a tenth of a second: the long requests are to be under way through several of them. */
const BETWEEN_MS = 1_000;

/** Forward drains: nothing that a client has open is cut, however often the traffic is switched. */
export async function switchesUnderLoad(world, { switches = 50 } = {}) {
	const failures = [];
	const versions = new Set();
	const clients = startClients(world.services, {
		requestsPerSecond: REQUESTS_PER_SECOND,
		onAnswer: (version) => versions.add(version),
		onFailure: (what) => failures.push(what),
	});
	const startedAt = performance.now();
	for (let count = 0; count < switches; count++) {
		await delay(BETWEEN_MS);
		await world.switchTo(count % 2 === 0 ? NEW : OLD);
	}
	await delay(BETWEEN_MS);
	const elapsedS = (performance.now() - startedAt) / 1000;
	await clients.stop();
	if (failures.length > 0) console.error([...new Set(failures)].slice(0, 5).join('\n'));
	if (versions.size < 2) throw new Error(`the clients only ever reached ${[...versions].join(', ')}`);
	return {
		rows: [
			{ what: `failed requests in ${switches} switches`, value: failures.length, bound: '= 0' },
			{ what: 'requests answered meanwhile', value: clients.answers(), bound: '' },
			{ what: 'requests a second', value: clients.answers() / elapsedS, bound: '' },
		],
		figures: { failedRequests: failures.length, requestsAnswered: clients.answers() },
	};
}
