import { configuration, createReleaseNode, type ReleaseNode } from './releaseNode';

let node: ReleaseNode;
beforeEach(() => (node = createReleaseNode()));

const MINUTE_MS = 60_000;

describe('Look After', () => {
	const lookAfter = (change: Record<string, unknown> = {}): Record<string, unknown> => ({
		operation: 'lookAfter',
		configuration: configuration(change),
	});

	/** When phases began, in minutes before now. */
	const began = new Map<string, number>();
	const phase = async (name: string, minutes: number): Promise<void> => {
		began.set(name, minutes);
		await node.ledger.startPhase('r-1', name);
	};

	beforeEach(() => {
		began.clear();
		const readPhases = node.ledger.readPhases.bind(node.ledger);
		const startOf = (name: string): Date => new Date(Date.now() - (began.get(name) ?? 0) * MINUTE_MS);
		jest.spyOn(node.ledger, 'readPhases').mockImplementation(async (id) =>
			(await readPhases(id)).map((one) => ({ ...one, startedAt: startOf(one.phase) })),
		);
	});

	it('finds nothing to do where no release is live, also beside a rehearsal', async () => {
		await node.begun({ rehearsal: true });
		const { output, json } = await node.single(lookAfter());
		expect({ output, json }).toEqual({ output: 0, json: { care: { action: 'none', detail: '', found: false } } });
	});

	it('finds nothing to do for a release that lives and is in time', async () => {
		await node.begun();
		await phase('phase-1-pre-deployment', 11);
		const { json } = await node.single(lookAfter());
		expect(json.care).toMatchObject({
			action: 'none',
			detail: '',
			found: true,
			release: { id: 'r-1', token: 1 },
			clocks: [{ name: 'phase-1-pre-deployment', standing: 'in-time' }],
		});
	});

	it('says that a run died, and where', async () => {
		const release = await node.begun();
		await node.record(release, '1.2/create-backup', 'started');
		node.ledger.silentForMs = 60_001;
		expect((await node.single(lookAfter())).json.care).toMatchObject({
			action: 'stopped',
			detail: 'its run died; the last step in the ledger is 1.2/create-backup (started); the old version serves',
		});
	});

	it('keeps patient as long as the configuration says', async () => {
		await node.begun();
		node.ledger.silentForMs = 60_001;
		const watchdog = { staleAfterSeconds: 120, rollBackAfterSeconds: 600 };
		expect((await node.single(lookAfter({ watchdog }))).json.care).toMatchObject({ action: 'none' });
	});

	it.each([
		[599, 'stopped'],
		[601, 'roll-back'],
	])('after the switch and %d s without anybody says %s', async (seconds, action) => {
		const release = await node.begun();
		await node.record(release, '3.2/switch-traffic', 'passed');
		node.ledger.silentForMs = seconds * 1000;
		node.ledger.put({ ...release, heartbeatAt: new Date(Date.now() - seconds * 1000) });
		expect((await node.single(lookAfter())).json.care).toMatchObject({ action });
	});

	it('takes a wait that is over and that nobody ended for a run that died', async () => {
		const release = await node.begun();
		const waiting = (ms: number) => ({
			...release,
			state: 'waiting' as const,
			waitingUntil: new Date(Date.now() + ms),
		});
		node.ledger.silentForMs = 3_600_000;
		node.ledger.put(waiting(1000));
		expect((await node.single(lookAfter())).json.care).toMatchObject({ action: 'none' });
		node.ledger.put(waiting(-61_000));
		expect((await node.single(lookAfter())).json.care).toMatchObject({ action: 'stopped' });
	});

	it('warns of a clock once, and of another one then', async () => {
		await node.begun();
		await phase('phase-1-pre-deployment', 12);
		expect((await node.single(lookAfter())).json.care).toMatchObject({
			action: 'warn',
			detail: 'phase-1-pre-deployment 80 %',
		});
		expect((await node.single(lookAfter())).json.care).toMatchObject({
			action: 'none',
			clocks: [{ name: 'phase-1-pre-deployment', standing: 'warning' }],
		});
		await phase('phase-2-migration', 20);
		expect((await node.single(lookAfter())).json.care).toMatchObject({
			action: 'warn',
			detail: 'phase-2-migration 200 %',
		});
	});

	it('of a release that died warns once it goes on: the warning is not lost', async () => {
		await node.begun();
		await phase('phase-1-pre-deployment', 12);
		node.ledger.silentForMs = 60_001;
		expect((await node.single(lookAfter())).json.care).toMatchObject({ action: 'stopped' });
		node.ledger.silentForMs = 0;
		expect((await node.single(lookAfter())).json.care).toMatchObject({ action: 'warn' });
	});

	it('refuses a configuration it cannot read rather than looking away', async () => {
		await expect(node.execute(lookAfter({ watchdog: {} }))).rejects.toThrow('PARAMETER.INVALID');
	});
});

describe('Take Over', () => {
	const takeOver = (change: Record<string, unknown> = {}): Record<string, unknown> => ({
		operation: 'takeOver',
		takeOverReleaseId: 'r-1',
		takeOverPerson: 'the on-call engineer',
		takeOverReason: 'the run hangs',
		...change,
	});

	it('raises the token and says who and why; the run that held it is refused', async () => {
		const release = await node.begun();
		const { json } = await node.single(takeOver());
		expect(json.release).toMatchObject({
			id: 'r-1',
			token: 2,
			state: 'running',
			reason: 'taken over by the on-call engineer: the run hangs',
			rollingBackAt: null,
		});
		await expect(node.record(release, '1.1/a', 'passed')).rejects.toMatchObject({ code: 'RELEASE.FENCED_OUT' });
	});

	it.each([
		['releaseId', { takeOverReleaseId: ' ' }],
		['person', { takeOverPerson: '' }],
		['person', { takeOverPerson: undefined }],
		['person', { takeOverPerson: null }],
		['reason', { takeOverReason: '\n' }],
	])('refuses an empty %s: %j', async (field, change) => {
		await node.begun();
		const given = {
			...takeOver(change),
			...('takeOverPerson' in change ? { takeOverPerson: change.takeOverPerson ?? null } : {}),
		};
		await expect(node.execute(given)).rejects.toThrow(`The field ${field} is not valid: it is empty`);
		expect(await node.ledger.readRelease('r-1')).toMatchObject({ token: 1 });
	});

	it('refuses a release that has finished, a rehearsal and one that nobody knows', async () => {
		await node.ledger.finishRelease(await node.begun(), 'rejected');
		await node.begun({ id: 'r-2', rehearsal: true });
		await expect(node.execute(takeOver())).rejects.toThrow('RELEASE.NOT_JOINABLE');
		await expect(node.execute(takeOver({ takeOverReleaseId: 'r-2' }))).rejects.toThrow('MANUAL_RUN_NOT_ARMED');
		await expect(node.execute(takeOver({ takeOverReleaseId: 'r-3' }))).rejects.toThrow('RELEASE.UNKNOWN');
	});
});

describe('Plan', () => {
	const plan = (releaseId: string, change: Record<string, unknown> = {}): Record<string, unknown> => ({
		operation: 'plan',
		releaseId,
		configuration: configuration(change),
	});

	it('tells what the release would do, what was found, and how long it usually takes', async () => {
		const images = [{ workload: 'backend', image: `registry.example.com/backend@sha256:${'a'.repeat(64)}` }];
		const release = await node.begun({ rehearsal: true, images });
		await node.record(release, 'rehearse/check-http', 'passed');
		await node.ledger.registerPlan('r-1', [{ part: 'configuration', hash: 'b' }]);
		node.ledger.usualDurations = new Map([
			['3.2/switch-traffic', 1234],
			['1.2/create-backup', 90_049],
		]);
		const { output, json } = await node.single(plan('r-1'));
		expect(output).toBe(0);
		expect(json.plan).toEqual({
			release: expect.objectContaining({ id: 'r-1', rehearsal: true, images }) as object,
			checks: [{ stepKey: 'rehearse/check-http', state: 'passed', error: null }],
			calendar: { open: true, closesAt: null },
			expectedSeconds: { '1.2/create-backup': 90, '3.2/switch-traffic': 1.2 },
			parts: [{ part: 'configuration', hash: 'b' }],
			note: expect.stringContaining('Nothing was changed') as string,
		});
	});

	it('says why a start would be refused now', async () => {
		await node.begun({ rehearsal: true });
		const freeze = { environment: 'production', reason: 'year end', declaredBy: 'finance' };
		await node.ledger.declareFreeze({ ...freeze, from: new Date(0), until: null });
		expect((await node.single(plan('r-1'))).json.plan).toMatchObject({
			calendar: { open: false, closedBy: 'freeze freeze-1', opensAt: null },
		});
	});

	it('of a release that nobody began is refused', async () => {
		await expect(node.execute(plan('r-9'))).rejects.toThrow('RELEASE.UNKNOWN');
	});
});
