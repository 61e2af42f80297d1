import { join } from 'node:path';
import { deployByPrismaCli } from '../../sandbox/prismaCli.ts';

const ROUNDS = 5;

/**
 * Milliseconds, at the median, that `prisma migrate deploy` takes as a process for a folder: Prisma's own command line, on databases that
 * `createUrl` makes.
 */
export async function measureCli({ directory, createUrl, migrations }) {
	const times = [];
	for (let round = 0; round < ROUNDS; round++) {
		const project = join(directory, String(round));
		const { isApplied, output, ms } = await deployByPrismaCli({
			directory: project,
			url: await createUrl(),
			migrations,
		});
		if (!isApplied) throw new Error(output);
		times.push(ms);
	}
	return times.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)];
}
