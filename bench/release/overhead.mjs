import { startSandbox } from '../../sandbox/startSandbox.ts';
import { queryDatabase } from '../../sandbox/stories/ledgerView.ts';
import { runRelease } from '../../sandbox/stories/runRelease.ts';
import { floor } from './floor.mjs';

const RELEASES = ['2026.11.2', '2026.11.7', '2026.11.2'];

/**
 * What n8n and this package add to a whole release, from its webhook to the watch: wall time without the time inside steps (they work in
 * outside systems) and without the time that mails and people took at the gates.
 */
export async function overhead() {
	// The watch looks as often as it is shipped to: it shares two processors with the release.
	const sandbox = await startSandbox({ progress: () => undefined, calm: true });
	try {
		const { endpoints } = sandbox.production;
		const world = { endpoints, n8n: { url: sandbox.n8n.url }, webhookSecret: sandbox.webhookSecret };
		const measured = [];
		for (const version of RELEASES) {
			const { release } = await runRelease(world, { version });
			if (release.state !== 'succeeded')
				throw new Error(`the release ended as ${release.state}: ${release.reason}`);
			measured.push(await account(endpoints.databases.operations, release.id));
		}
		// The first releases of a fresh n8n load its nodes and are compiled; operators' n8n runs all day, and watches meanwhile.
		const { overheadSeconds, wallSeconds } = measured.at(-1);
		const floorSeconds = await floor(sandbox, measured.at(-1).stepsOfPhases);
		const [firstOverheadSeconds, secondOverheadSeconds] = measured.map((release) => release.overheadSeconds);
		return {
			rows: [
				{ what: 'a whole release without outside systems, s', value: overheadSeconds, bound: '<= 3' },
				{ what: 'the same for the first release of a fresh n8n, s', value: firstOverheadSeconds, bound: '' },
				{ what: 'the same for its second, s', value: secondOverheadSeconds, bound: '' },
				{ what: 'n8n alone, for as many nodes that do nothing, s', value: floorSeconds, bound: '' },
				{ what: 'from webhook to watch, s', value: wallSeconds, bound: '' },
			],
			figures: {
				...{ overheadSeconds, firstOverheadSeconds, secondOverheadSeconds, wallSeconds },
				ratios: { againstN8nAlone: overheadSeconds / floorSeconds },
			},
		};
	} finally {
		await sandbox.stop();
	}
}

async function account(ledger, releaseId) {
	const [row] = await queryDatabase(
		ledger,
		`SELECT extract(epoch FROM (SELECT min(at) FROM deployment_runbook.event e WHERE e.release_id = r.id AND e.kind = 'release.watching') - r.started_at)::float AS wall,
			(SELECT sum(extract(epoch FROM s.finished_at - s.started_at))::float FROM deployment_runbook.step s
				WHERE s.release_id = r.id AND s.step_key NOT LIKE 'watch/%' AND s.step_key NOT LIKE 'gate-%') AS inside,
			(SELECT sum(extract(epoch FROM (SELECT max(v.voted_at) FROM deployment_runbook.vote v WHERE v.release_id = g.release_id AND v.gate = g.gate) - g.opened_at))::float
				FROM deployment_runbook.gate g WHERE g.release_id = r.id) AS waiting
		 FROM deployment_runbook.release r WHERE r.id = $1`,
		[releaseId],
	);
	const phases = await queryDatabase(
		ledger,
		`SELECT count(*)::int AS steps FROM deployment_runbook.step
		 WHERE release_id = $1 AND step_key ~ '^[1-4][.]' GROUP BY left(step_key, 1) ORDER BY left(step_key, 1)`,
		[releaseId],
	);
	return {
		wallSeconds: row.wall,
		overheadSeconds: row.wall - row.inside - row.waiting,
		stepsOfPhases: phases.map(({ steps }) => steps),
	};
}
