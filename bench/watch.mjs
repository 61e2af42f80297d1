import { startSandbox } from '../sandbox/startSandbox.ts';
import { cost } from './watch/cost.mjs';
import { exactness } from './watch/exactness.mjs';
import { reaction } from './watch/reaction.mjs';

/** Whether the watch rolls back exactly when it should, how soon, and what watching costs. */
export async function bench() {
	const results = [exactness()];
	const sandbox = await startSandbox({ progress: () => undefined });
	try {
		results.push(await reaction(sandbox));
		// The sandbox's own schedules would be counted.
		const { client } = sandbox.n8n;
		for (const id of ['watch-production', 'watchdog']) await client.post(`/rest/workflows/${id}/deactivate`, {});
		results.push(await cost(sandbox));
	} finally {
		await sandbox.stop();
	}
	return {
		rows: results.flatMap(({ rows }) => rows),
		figures: Object.assign({}, ...results.map(({ figures }) => figures)),
	};
}
