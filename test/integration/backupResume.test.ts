import { createBackup } from '../../lib/backup/createBackup';
import { scratchName } from '../../lib/backup/scratchName';
import { sweepScratch } from '../../lib/backup/sweepScratch';
import { openLedger } from '../../lib/release/ledger.client';
import type { Ledger } from '../../lib/release/ledger';
import type { Release } from '../../lib/release/model';
import { stepHash } from '../../lib/release/stepHash';
import { systemClock } from '../../lib/support/clock';
import { PostgresBackup } from '../../nodes/PostgresBackup/PostgresBackup.node';
import { create } from '../../nodes/PostgresBackup/operations/create.operation';
import { createDatabase, listKeys, newRun, openStore, query, startProxy, superuser } from '../lib/backup/harness';
import { fakeExecuteContext } from '../support/fakeExecuteContext';
import { sandboxEndpoints } from '../support/sandboxEndpoints';
import { beginProvenRelease } from './beginProvenRelease';
import { runInChild } from './runInChild';

jest.setTimeout(120_000);

type TestDatabase = Awaited<ReturnType<typeof createDatabase>>;
const STEP = '1.2/create-backup';
let operations: TestDatabase;
let source: TestDatabase;
let ledger: Ledger;
let release: Release;
let location: { bucket: string; prefix: string };

beforeAll(async () => {
	operations = await createDatabase();
	source = await createDatabase();
	await query(source, 'CREATE TABLE cases (t text)', "INSERT INTO cases VALUES ('a'), ('b')");
	ledger = await openLedger(operations);
});
afterAll(async () => {
	await ledger.close();
	await operations.drop();
	await source.drop();
});
beforeEach(async () => {
	release = await beginProvenRelease(ledger);
	location = newRun().location;
});

const execution = (token: number, endpoint = sandboxEndpoints().s3.endpoint) => ({
	parameters: {
		...{
			operation: 'create',
			...location,
			lockWaitTimeoutSeconds: 5,
			budgetMinutes: 15,
			jobs: 2,
			deadlineMinutes: 1,
		},
		...{ recordStep: true, stepKey: STEP, releaseId: release.id, token },
	},
	credentials: {
		postgres: { ...superuser(), database: source.database },
		s3: { ...sandboxEndpoints().s3, buckets: '', endpoint, forcePathStyle: true },
		releaseLedger: { ...superuser(), database: operations.database },
	},
});
const resume = async () => {
	const { token } = await ledger.takeOver(release.id, { reason: 'its run was killed', intent: 'continue' });
	const outputs = await new PostgresBackup().execute.call(fakeExecuteContext(execution(token)).context);
	return outputs[0]?.[0]?.json.backup as { backupId: string; sha256: string };
};
const archivesOf = (id: string): string[] =>
	['rest', 'schema'].map((name) => `${location.prefix}/${id}/${name}.dump.zst`);
const firstId = async (): Promise<string> => {
	const inverse = (await ledger.readStep(release.id, STEP, ''))?.inverse as { backupId: string };
	return inverse.backupId.slice(0, -4);
};

test('killed before its manifest was written: no backup yet, so the resume makes one and removes the half', async () => {
	let reached = (): void => undefined;
	const beforeManifest = new Promise<void>((resolve) => (reached = resolve));
	// The manifest's PUT never gets an answer, and never reaches the storage.
	const proxy = await startProxy((call) => {
		if (!/^PUT .*manifest\.json/.test(call)) return false;
		reached();
		return true;
	});
	const child = runInChild({ node: 'PostgresBackup', ...execution(release.token, proxy.endpoint) });
	await Promise.race([
		beforeManifest,
		child.outcome.then((outcome) => {
			throw new Error(`ended before the manifest: ${JSON.stringify(outcome)}`);
		}),
	]);
	await child.kill();
	await proxy.close();
	expect(await ledger.readStep(release.id, STEP, '')).toMatchObject({ state: 'started' });
	const id = await firstId();
	expect(await listKeys({ location })).toEqual(archivesOf(`${id}0000`));

	expect(await resume()).toMatchObject({ backupId: `${id}0001`, tables: 1, rows: 2 });
	expect(await listKeys({ location })).toEqual([
		`${location.prefix}/${id}0001.manifest.json`,
		...archivesOf(`${id}0001`),
	]);
	expect(await ledger.readStep(release.id, STEP, '')).toMatchObject({ state: 'passed', attempts: 2 });
});

test('killed between its manifest and its record: the resume finds it, with every fact, and makes no second one', async () => {
	const step = {
		release,
		stepKey: STEP,
		itemKey: '',
		kind: 'change',
		inputs: { ...location },
		requires: [],
	} as const;

	const backupId = '20261123T064012Z-3f9a1c2b4d5e';
	await ledger.startStep(step, { inputHash: stepHash({ ...location }), inverse: { backupId, token: release.token } });
	const store = await openStore();
	const made = await createBackup(source, store, {
		...newRun({ location }),
		backupId: '20261123T064012Z-3f9a1c2b0000',
	});
	store.close();

	expect(await resume()).toEqual(made);
	expect(await listKeys({ location })).toHaveLength(3);
	expect(await ledger.readStep(release.id, STEP, '')).toMatchObject({ state: 'passed', result: { ...made } });
});

test.each(['a manifest without its archive', 'an archive that is shorter than its manifest says'])(
	'%s is no finished backup',
	async (damage) => {
		const store = await openStore();
		const made = await createBackup(source, store, {
			...newRun({ location }),
			backupId: '20261123T064012Z-3f9a1c2b0000',
		});
		const address = { bucket: location.bucket, key: `${made.folder}rest.dump.zst` };
		if (damage.startsWith('a manifest')) await store.remove(address);
		else await store.putText(address, 'short', new AbortController().signal);
		const { context } = fakeExecuteContext(execution(release.token));
		const observed = await create.observe?.({
			parameters: create.readParameters(context, 0),
			release,
			signal: new AbortController().signal,
			clock: systemClock,
			open: async () => await Promise.resolve(store as never),
			recorded: async () =>
				await Promise.resolve({ inverse: { backupId: made.backupId, token: release.token } } as never),
			readBinary: async () => await Promise.reject(new Error('a backup comes with no item')),
			runWorkflow: async () => await Promise.resolve(),
			log: () => undefined,
		});
		store.close();
		expect(observed).toBe('not-done');
	},
);

test('the sweep drops what has expired, tells what is not due, and touches nothing else', async () => {
	const hour = 3_600_000;
	const expired = scratchName('r-expired', new Date(Date.now() - hour));
	const running = scratchName('r-running', new Date(Date.now() + hour));
	const foreign = scratchName('r-foreign', new Date(Date.now() - hour));
	const role = `sweep_${process.pid}`;
	const lookalike = `scratch_notes_${process.pid}`;
	await query(superuser(), `CREATE ROLE ${role} LOGIN`);
	const names = [expired, running, lookalike];
	try {
		for (const name of names) await query(superuser(), `CREATE DATABASE "${name}"`);
		await query(superuser(), `CREATE DATABASE "${foreign}" OWNER ${role}`);
		const context = fakeExecuteContext({
			parameters: { operation: 'sweepScratch' },
			credentials: { scratchPostgres: { ...superuser() } },
			items: [{ json: { kept: 1 } }],
		});
		const outputs = await new PostgresBackup().execute.call(context.context);
		const { kept, scratch } = outputs[0]?.[0]?.json as {
			kept: number;
			scratch: Record<string, Array<{ name: string }>>;
		};
		expect(kept).toBe(1);
		const listed = (list: string): string[] => (scratch[list] ?? []).map(({ name }) => name);
		expect(listed('dropped')).toContain(expired);
		expect(listed('notDue')).toContain(running);
		expect(JSON.stringify(scratch)).not.toMatch(new RegExp(`${foreign}|${lookalike}`));
		const left = await query(superuser(), 'SELECT datname FROM pg_database');
		const standing = left.map(({ datname }) => datname);
		expect(standing).toEqual(expect.arrayContaining([running, foreign, lookalike]));
		expect(standing).not.toContain(expired);
	} finally {
		for (const name of [...names, foreign]) await query(superuser(), `DROP DATABASE IF EXISTS "${name}"`);
		await query(superuser(), `DROP ROLE ${role}`);
	}
});

test('a sweep whose server does not answer says so', async () => {
	const run = newRun();
	await expect(sweepScratch({ ...superuser(), port: 1 }, run)).rejects.toMatchObject({
		code: 'BACKUP.SCRATCH_UNREACHABLE',
	});
});
