import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Json, StepRecord } from '../../lib/release/model';
import type { StepOutcome } from '../../lib/release/recordStep';
import { systemClock } from '../../lib/support/clock';
import { recordLive } from '../../nodes/KubernetesRollout/operations/recordLive.operation';
import { rollBack } from '../../nodes/KubernetesRollout/operations/rollBack.operation';
import { setImage } from '../../nodes/KubernetesRollout/operations/setImage.operation';
import { switchTraffic } from '../../nodes/KubernetesRollout/operations/switchTraffic.operation';
import { waitForRollout } from '../../nodes/KubernetesRollout/operations/waitForRollout.operation';
import type { Operation, OperationContext } from '../../nodes/shared/operation';
import { fakeExecuteContext } from '../support/fakeExecuteContext';
import { sandboxEndpoints } from '../support/sandboxEndpoints';
import { DIGESTS, startRolloutCluster, type RolloutCluster } from './rolloutCluster';

/** Each test brings up a namespace with eight pods. */
jest.setTimeout(60_000);

describe('the operations of a release', () => {
	let target: RolloutCluster;
	const steps = new Map<string, StepRecord>();
	beforeEach(async () => {
		steps.clear();
		target = await startRolloutCluster();
	});
	afterEach(async () => await target.stop());

	/** Runs an operation with what the steps before left in the ledger, and leaves its own record there. */
	const run = async <P>(
		operation: Operation<P>,
		stepKey: string,
		parameters: Record<string, unknown> = {},
		token = 3,
	): Promise<StepOutcome> => {
		const { namespace, workloads } = target.set;
		const { context: reader } = fakeExecuteContext({
			parameters: {
				namespace,
				workloads,
				images: target.image('good'),
				timeoutSeconds: 20,
				watchSeconds: 600,
				...parameters,
			},
		});
		const { url, ca, token: bearerToken } = sandboxEndpoints().kubernetes;
		const closers: Array<() => Promise<void>> = [];
		const context: OperationContext<P> = {
			parameters: operation.readParameters(reader, 0),
			release: { id: 'r-3', token },
			signal: new AbortController().signal,
			clock: systemClock,
			open: async (opener) => {
				const { client, close } = await opener.open({
					serverUrl: url,
					certificateAuthority: ca,
					bearerToken,
					namespace: 'default',
				});
				if (close) closers.push(close);
				return client;
			},
			recorded: async (key) => await Promise.resolve(steps.get(key)),
			readBinary: async () => await Promise.reject(new Error('no operation of this node reads a file')),
			runWorkflow: async () => await Promise.reject(new Error('no operation of this node calls a workflow')),
			log: () => undefined,
		};
		try {
			const inverse: Json = (await operation.prepare?.(context))?.inverse ?? null;
			const outcome = await operation.run(context);
			const now = new Date();
			const { kind } = operation;
			steps.set(stepKey, {
				stepKey,
				kind,
				itemKey: '',
				state: outcome.verdict ?? 'passed',
				inputHash: '',
				attempts: 1,
				startedAt: now,
				finishedAt: now,
				result: outcome.result,
				evidence: null,
				inverse,
				error: null,
			});
			return outcome;
		} finally {
			for (const close of closers) await close();
		}
	};

	it('lead to the new version and back to exactly the record', async () => {
		await run(recordLive, '3.1/record-live');
		expect(await run(setImage, '3.1/set-image')).toMatchObject({ result: { stagingFirst: true } });
		expect(await run(setImage, '3.1/set-image', { stagingFirst: false })).toMatchObject({
			result: { stagingFirst: false },
		});
		expect(await run(waitForRollout, '3.1/wait-for-rollout')).toMatchObject({ verdict: 'passed' });
		await run(switchTraffic, '3.2/switch-traffic');
		expect(steps.get('3.2/switch-traffic')?.inverse).toEqual({
			selectors: ['backend', 'frontend'].map((service) => ({
				service,
				selector: { app: service, color: 'blue' },
			})),
		});
		expect(await run(rollBack, 'rollback/switch-back', {}, 4)).toMatchObject({
			result: { alreadyThere: false, watchSeconds: 600 },
		});
		expect(await run(rollBack, 'rollback/switch-back', {}, 4)).toMatchObject({
			result: { alreadyThere: true, scaledDown: [], watchSeconds: 600 },
		});
		await expect(run(switchTraffic, '3.2/switch-traffic')).rejects.toMatchObject({ code: 'ROLLOUT.FENCED_OUT' });
		expect((await target.read('services', 'backend')).metadata.annotations).toMatchObject({
			'deployment-runbook/token': '4',
		});
	});

	it('undo a bad version that never got traffic, and then there is nothing to watch', async () => {
		const images = target.image('crash');
		await run(recordLive, '3.1/record-live');
		await run(setImage, '3.1/set-image', { images });
		expect(await run(waitForRollout, '3.1/wait-for-rollout', { images })).toMatchObject({ verdict: 'failed' });
		const expected = ['backend-green', 'frontend-green'].map((deployment) => ({ deployment, from: 2, to: 0 }));
		expect(await run(rollBack, 'rollback/switch-back', { images })).toMatchObject({
			result: { alreadyThere: true, scaledDown: expected, watchSeconds: 0 },
		});
	});

	it('go back without a ledger, from the record that the Services carry', async () => {
		await run(recordLive, '3.1/record-live');
		await run(setImage, '3.1/set-image');
		await run(waitForRollout, '3.1/wait-for-rollout');
		await run(switchTraffic, '3.2/switch-traffic');
		steps.clear();
		const { result } = await run(rollBack, 'rollback/switch-back', { images: '', record: '' });
		expect(result).toMatchObject({
			workloads: [
				{ service: 'backend', to: 'blue', digest: DIGESTS.old },
				{ service: 'frontend', to: 'blue' },
			],
		});
	});
});
