import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const WARM_UP = 100;
const MEGABYTE = 2 ** 20;

/** Waiting for a rollout that is complete, again and again in one process, as n8n does for years. */
export async function memoryOfWaits(world, { waits = 1_000 } = {}) {
	await world.bringUp();
	setFlagsFromString('--expose-gc');
	const collect = runInNewContext('gc');
	const heapAfter = async (count) => {
		for (let wait = 0; wait < count; wait++) await world.wait();
		collect();
		return process.memoryUsage().heapUsed / MEGABYTE;
	};
	const before = await heapAfter(WARM_UP);
	const growthMb = (await heapAfter(waits)) - before;
	return {
		rows: [{ what: `heap grown over ${waits} waits, MB`, value: growthMb, bound: '<= 10' }],
		figures: { waitHeapGrowthMb: growthMb },
	};
}
