import { openLedger } from '../../lib/release/ledger.client';
import { LEDGER_VERSIONS } from '../../lib/release/schema';
import { RELEASES } from '../../lib/release/schema/0001-releases';
import { LedgerDatabase, PASSED, START, stepOf } from './ledgerDatabase';

const TABLES = [
	'alert',
	'clock_warning',
	'counter_memory',
	'delivery',
	'environment',
	'event',
	'freeze',
	'gate',
	'look',
	'phase',
	'plan_part',
	'refusal',
	'release',
	'sample',
	'schema_version',
	'step',
	'vote',
	'watch_act',
];
const VIEWS = ['change_failure_rate', 'deployment', 'deployment_frequency', 'lead_time', 'time_to_restore'];
let db: LedgerDatabase;

beforeEach(async () => {
	db = new LedgerDatabase();
	db.nextEnvironment();
	await db.create();
});
afterEach(async () => {
	const { numPassingAsserts, assertionCalls } = expect.getState();
	await db.close({ keep: numPassingAsserts !== assertionCalls });
});

async function relations(type: 'BASE TABLE' | 'VIEW'): Promise<string[]> {
	const found = await db.rows<{ name: string }>(
		`SELECT table_name AS name FROM information_schema.tables
		 WHERE table_schema = 'deployment_runbook' AND table_type = $1 ORDER BY 1`,
		[type],
	);
	return found.map(({ name }) => name);
}

async function versions(): Promise<number[]> {
	const found = await db.rows<{ version: number }>(
		'SELECT version FROM deployment_runbook.schema_version ORDER BY version',
	);
	return found.map(({ version }) => version);
}

const ALL = LEDGER_VERSIONS.map((_, index) => index + 1);

it('is there once and whole, although eight n8n processes opened the ledger in the same instant', async () => {
	await db.open(8);
	expect(await relations('BASE TABLE')).toEqual(TABLES);
	expect(await relations('VIEW')).toEqual(VIEWS);
	expect(await versions()).toEqual(ALL);
	const release = await db.begin();
	for (const one of db.ledgers) expect(await one.readRelease(release.id)).toEqual(release);
});

it('is opened again without touching what it holds', async () => {
	await db.open(1);
	const release = await db.begin();
	const before = await db.everything();
	await db.open(1);
	expect(await db.ledgers[1]!.readRelease(release.id)).toEqual(release);
	expect(await db.everything()).toEqual(before);
	expect(await versions()).toEqual(ALL);
});

/** As the first package left it: its tables, rows in them, and no note of a version. */
async function leftByFirstPackage(): Promise<void> {
	await db.sql.query('CREATE SCHEMA deployment_runbook');
	await db.sql.query(RELEASES);
	await db.sql.query(`
		INSERT INTO deployment_runbook.delivery (id) VALUES ('msg-old');
		INSERT INTO deployment_runbook.release (id, environment, version, started_by, state, token, execution_id)
			VALUES ('r-live', '${db.environment}', '2026.11.1', 'ci', 'running', 7, '41');
		INSERT INTO deployment_runbook.release (id, environment, version, started_by, state, token, finished_at)
			VALUES ('r-old', '${db.environment}', '2026.10.1', 'ci', 'succeeded', 6, now());
		INSERT INTO deployment_runbook.environment (name, token, holder, heartbeat_at) VALUES ('${db.environment}', 7, 'r-live', now());
		INSERT INTO deployment_runbook.step (release_id, step_key, kind, state, input_hash, token, result, finished_at)
			VALUES ('r-live', '1.2/create-backup', 'change', 'passed', 'hash', 7, '{"id":"b-1"}', now());
	`);
}

it.each([1, 8])('of the first package is brought up to date by %d at once, and keeps its rows', async (count) => {
	await leftByFirstPackage();
	await db.open(count);
	expect(await versions()).toEqual(ALL);
	expect(await relations('BASE TABLE')).toEqual(TABLES);
	const { ledger } = db;
	const live = await ledger.readRelease('r-live');
	expect(live).toEqual({
		...db.wanted(),
		id: 'r-live',
		version: '2026.11.1',
		commit: '',
		images: [],
		startedBy: 'ci',
		authors: [],
		executionId: '41',
		state: 'running',
		token: 7,
		resumes: 0,
		startedAt: expect.any(Date) as Date,
		waitingUntil: null,
		watchUntil: null,
		rollingBackAt: null,
		pointOfNoReturn: null,
		finishedAt: null,
		reason: '',
		heartbeatAt: expect.any(Date) as Date,
	});
	expect(await ledger.readLastStable(db.environment)).toMatchObject({ id: 'r-old' });
	expect(await ledger.readStep('r-live', '1.2/create-backup', '')).toMatchObject({
		state: 'passed',
		result: { id: 'b-1' },
	});
	expect(await ledger.acceptDelivery('msg-old')).toBe(false);
	// Its holder goes on, and what it does from now on is chained.
	await ledger.startStep(stepOf(live!), START);
	await ledger.finishStep(stepOf(live!), PASSED);
	expect((await ledger.readEvents('r-live')).map(({ sequence, kind }) => [sequence, kind])).toEqual([
		[1, 'step.started'],
		[2, 'step.passed'],
	]);
});

it('of a package whose phases bore the warnings keeps them, as rows of their own', async () => {
	await db.sql.query('CREATE SCHEMA deployment_runbook');
	for (const version of LEDGER_VERSIONS.slice(0, 5)) await db.sql.query(version);
	await db.sql.query(`
		CREATE TABLE deployment_runbook.schema_version (version integer PRIMARY KEY, migrated_at timestamptz NOT NULL DEFAULT now());
		INSERT INTO deployment_runbook.schema_version (version) SELECT generate_series(1, 5);
		INSERT INTO deployment_runbook.environment (name, token) VALUES ('${db.environment}', 1);
		INSERT INTO deployment_runbook.release (id, environment, version, started_by, state, token, execution_id)
			VALUES ('r-warned', '${db.environment}', '2026.11.1', 'ci', 'running', 1, '41');
		INSERT INTO deployment_runbook.phase (release_id, phase, warned_at)
			VALUES ('r-warned', 'phase-1-pre-deployment', now()), ('r-warned', 'phase-2-migration', NULL);
	`);
	await db.open(1);
	expect(await versions()).toEqual(ALL);
	expect(await db.ledger.claimWarning('r-warned', 'phase-1-pre-deployment')).toBe(false);
	expect(await db.ledger.claimWarning('r-warned', 'phase-2-migration')).toBe(true);
});

it('of a newer package is refused, and left as it is', async () => {
	await db.open(1);
	await db.sql.query('INSERT INTO deployment_runbook.schema_version (version) VALUES (99)');
	await expect(openLedger(db.connection)).rejects.toMatchObject({
		code: 'RELEASE.LEDGER_NEWER',
		meta: { version: 99, known: LEDGER_VERSIONS.length },
	});
	expect(await versions()).toEqual([...ALL, 99]);
});

it('that breaks half-way is as it was before, and completed the next time', async () => {
	await leftByFirstPackage();
	// A table in the way of the fourth step.
	await db.sql.query('CREATE TABLE deployment_runbook.event (mine text)');
	await expect(openLedger(db.connection)).rejects.toMatchObject({ code: 'RELEASE.LEDGER_REFUSED' });
	expect(await relations('BASE TABLE')).toEqual(['delivery', 'environment', 'event', 'release', 'step']);
	await db.sql.query('DROP TABLE deployment_runbook.event');
	await db.open(1);
	expect(await versions()).toEqual(ALL);
});
