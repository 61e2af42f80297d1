import { createRequire } from 'node:module';
import { startProduction } from '../sandbox/production.ts';
import { badVersionAfterGrace } from './rollback/badVersionAfterGrace.mjs';
import { createWorld } from './rollback/createWorld.mjs';
import { memoryOfWaits } from './rollback/memoryOfWaits.mjs';
import { switchesUnderLoad } from './rollback/switchesUnderLoad.mjs';
import { timeToServe } from './rollback/timeToServe.mjs';

const require = createRequire(import.meta.url);

/** What is measured, one after the other, on one production look-alike with real processes behind its Services. */
const PARTS = [timeToServe, switchesUnderLoad, badVersionAfterGrace, memoryOfWaits];

/** How fast a rollback is, whether switching loses requests, whether a bad version is still reached, whether waiting costs memory. */
export async function bench(sizes = {}) {
	const production = await startProduction({ requestsPerSecond: 0 });
	const world = await createWorld(production, require);
	try {
		const results = [];
		for (const measure of PARTS) results.push(await measure(world, sizes));
		return {
			rows: results.flatMap(({ rows }) => rows),
			figures: Object.assign({}, ...results.map(({ figures }) => figures)),
		};
	} finally {
		await world.close();
		await production.stop();
	}
}
