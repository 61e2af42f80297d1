import { randomBytes } from 'node:crypto';
import type { Ledger } from '../../lib/release/ledger';
import type { Json, Release, ReleaseContext } from '../../lib/release/model';
import { readMigrationsFolder } from '../../lib/migration/readMigrationsFolder';
import { recordStep } from '../../lib/release/recordStep';

const HOUR_MS = 3_600_000;

/** Begins a release in an environment of its own. */
export async function beginProvenRelease(ledger: Ledger): Promise<Release> {
	const unique = randomBytes(4).toString('hex');
	const { release } = await ledger.beginRelease({
		id: `r-${unique}`,
		environment: `environment-${unique}`,
		version: '1',
		commit: '',
		images: [],
		startedBy: 'ci',
		authors: [],
		rehearsal: false,
		deliveryId: '',
		executionId: '',
		override: null,
		contracts: false,
	});
	return release;
}

/** Puts a step on record as passed; a gate is also opened and approved, as a step of that name needs it. */
export async function prove(
	ledger: Ledger,
	release: ReleaseContext,
	stepKey: string,
	result: Json = {},
): Promise<void> {
	if (stepKey.startsWith('gate-')) {
		const gate = { gate: stepKey, quorum: 1, approvers: [], evidence: {}, evidenceHash: 'a'.repeat(64) };
		await ledger.gates.openGate(release, { ...gate, expiresInMs: HOUR_MS, executionId: '', wakeSeal: '' });
		await ledger.gates.decideGate(release, stepKey, { state: 'approved', reason: 'one person said yes' });
	}
	const step = { release, stepKey, itemKey: '', kind: 'verdict', inputs: {}, requires: [] } as const;
	await recordStep(ledger, step, { run: async () => ({ result, verdict: 'passed' }) });
}

/** Puts the lint, the rehearsal and the look at the data on record as passed: all that is in the folder may be deployed. */
export async function proveLint(ledger: Ledger, release: ReleaseContext, migrationsFolder: string): Promise<void> {
	const { migrations } = readMigrationsFolder(migrationsFolder);
	const deploys = migrations.map(({ name, checksum }) => ({ name, checksum }));
	await prove(ledger, release, '2.1/lint', { deploys, heldBack: [] });
	await prove(ledger, release, '2.1/rehearse', { migrations: deploys.map((one) => ({ ...one, failure: null })) });
	await prove(ledger, release, '2.2/integrity-before');
	await prove(ledger, release, '2.2/record-counts');
}
