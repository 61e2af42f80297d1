import { createReleaseNode } from './releaseNode';

const KILLED = Object.assign(new Error('Workflow did not finish'), { name: 'WorkflowCrashedError' });

function reportOf(error: Error): Record<string, unknown> {
	const execution = { id: '41', error, lastNodeExecuted: 'Phase 2: migration', mode: 'webhook' };
	return { items: [{ json: { execution, workflow: { id: 'deploy', name: 'Deploy production' } } }] };
}

describe('Read Failure', () => {
	it.each([
		['was killed waits no longer, so that it can be resumed', KILLED, 'keep', 'running'],
		['failed by itself leaves the wait to whoever ends the release', new Error('x'), 'finish', 'waiting'],
	])('of a run that %s', async (_, error, action, state) => {
		const node = createReleaseNode();
		const release = await node.begun({ executionId: '41' });
		await node.ledger.gates.openGate(release, {
			gate: 'gate-1/approval',
			quorum: 1,
			approvers: [],
			evidence: {},
			evidenceHash: 'e',
			expiresInMs: 60_000,
			executionId: '42',
			wakeSeal: '',
		});
		const { json } = await node.single({ operation: 'readFailure' }, reportOf(error));
		expect(json.failure).toMatchObject({ action });
		expect(await node.ledger.readRelease(release.id)).toMatchObject({ state });
	});
});
