import type { ICredentialDataDecryptedObject, IDataObject, INodeExecutionData } from 'n8n-workflow';
import { openLedger } from '../../../lib/release/ledger.client';
import type { NewRelease } from '../../../lib/release/ledger';
import type { Release as LedgerRelease, StepState } from '../../../lib/release/model';
import { Release } from '../../../nodes/Release/Release.node';
import { fakeExecuteContext, type FakeExecuteContext, type FakeExecution } from '../../support/fakeExecuteContext';
import { MemoryLedger, newRelease } from '../../support/memoryLedger';

jest.mock('../../../lib/release/ledger.client', () => ({ openLedger: jest.fn() }));

// Loaded from here, so that the ledger is the one in memory whatever a test imports first.
export { openLedger, Release };
export const CANARY = 'canary-s3cret-4711';
export const POLICY = {
	sampling: { intervalSeconds: 5, minimumSamples: 6, minimumRequests: 20 },
	errorRate: { pass: 0.01, warning: 0.01, critical: 0.05, rollback: { above: 0.1, heldForSeconds: 60 } },
	responseTimeSeconds: { quantile: 0.95, pass: 0.2, warning: 0.5, critical: 1 },
	cpu: { pass: 0.7, warning: 0.8 },
	memory: { pass: 0.8 },
	health: { intervalSeconds: 5, rollback: { heldForSeconds: 120 } },
	watch: { windowSeconds: 600 },
};
export const [INCONCLUSIVE, FAILED, PASSED] = [0, 1, 2];
let databases = 0;

/** The configuration that a workflow hands to the Release node. */
export function configuration(change: Record<string, unknown> = {}): Record<string, unknown> {
	const workloads = [{ service: 'backend', repository: 'registry.example.com/backend' }];
	return {
		environment: 'production',
		workloads,
		policy: POLICY,
		staging: { enabled: false },
		monitoring: { enabled: false },
		lighthouse: { enabled: false },
		...change,
	};
}

export interface ReleaseNode {
	readonly ledger: MemoryLedger;
	/** The ledger's credential. */
	readonly releaseLedger: ICredentialDataDecryptedObject;
	execute(
		parameters: Record<string, unknown>,
		execution?: Partial<FakeExecution>,
	): Promise<FakeExecuteContext & { readonly outputs: INodeExecutionData[][] }>;
	/** The one item that left, through which output, and the sub-workflows that were called. */
	single(
		parameters: Record<string, unknown>,
		execution?: Partial<FakeExecution>,
	): Promise<Pick<FakeExecuteContext, 'called'> & { readonly output: number; readonly json: IDataObject }>;
	begun(change?: Partial<NewRelease>): Promise<LedgerRelease>;
	record(release: LedgerRelease, stepKey: string, state: StepState): Promise<void>;
}

/** The Release node on a ledger in memory of its own. */
export function createReleaseNode(): ReleaseNode {
	const ledger = new MemoryLedger();
	jest.mocked(openLedger).mockImplementation(async () => await Promise.resolve(ledger));
	// A ledger is kept per credential as long as the process lives; each test has one of its own.
	databases += 1;
	const releaseLedger = {
		host: 'ledger.example.com',
		database: `db${databases}`,
		user: 'runbook',
		password: CANARY,
	};

	const execute: ReleaseNode['execute'] = async (parameters, execution = {}) => {
		const fake = fakeExecuteContext({ parameters, credentials: { releaseLedger }, ...execution });
		const outputs: INodeExecutionData[][] = await new Release().execute.call(fake.context);
		return { ...fake, outputs };
	};

	return {
		ledger,
		releaseLedger,
		execute,
		single: async (parameters, execution) => {
			const { outputs, called } = await execute(parameters, execution);
			const output = outputs.findIndex((items) => items.length > 0);
			expect(outputs.flat()).toHaveLength(1);
			return { output, json: outputs[output]?.[0]?.json ?? {}, called };
		},
		begun: async (change) => (await ledger.beginRelease(newRelease(change))).release,
		record: async (release, stepKey, state) => {
			const step = { release, stepKey, itemKey: '', kind: 'verdict' as const, inputs: null, requires: [] };
			await ledger.startStep(step, { inputHash: '', inverse: null });
			if (state !== 'started')
				await ledger.finishStep(step, { state, result: null, evidence: null, error: null });
		},
	};
}
