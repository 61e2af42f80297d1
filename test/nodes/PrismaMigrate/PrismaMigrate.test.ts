import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { INodeExecutionData } from 'n8n-workflow';
import { openLedger } from '../../../lib/release/ledger.client';
import { PrismaMigrate } from '../../../nodes/PrismaMigrate/PrismaMigrate.node';
import { deploy } from '../../../nodes/PrismaMigrate/operations/deploy.operation';
import { lint } from '../../../nodes/PrismaMigrate/operations/lint.operation';
import { status } from '../../../nodes/PrismaMigrate/operations/status.operation';
import { fakeExecuteContext, type FakeExecution } from '../../support/fakeExecuteContext';
import { MemoryLedger } from '../../support/memoryLedger';
import { zip } from '../../lib/migration/archive/zip';

jest.mock('../../../lib/release/ledger.client', () => ({ openLedger: jest.fn() }));

const CANARY = 'canary-s3cret-4711';
let folder: string;

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'migrations-'));
	writeFileSync(join(folder, 'migration_lock.toml'), 'provider = "postgresql"');
	mkdirSync(join(folder, '1_a'));
	writeFileSync(join(folder, '1_a', 'migration.sql'), 'SELECT 1;');
});

afterEach(() => rmSync(folder, { recursive: true }));

function execution(parameters: Readonly<Record<string, unknown>>, change: Partial<FakeExecution> = {}): FakeExecution {
	return {
		parameters: {
			operation: 'status',
			migrationsFolder: folder,
			schema: 'public',
			lockTimeoutSeconds: 4,
			lockAttempts: 5,
			statementTimeoutSeconds: 600,
			upTo: 'lastExpand',
			smallTableMegabytes: 100,
			...parameters,
		},
		// Nobody listens on port 1.
		credentials: {
			postgres: { host: '127.0.0.1', port: 1, database: 'cases', user: 'app', password: CANARY, ssl: 'disable' },
		},
		...change,
	};
}

async function run(wanted: FakeExecution): Promise<{ outputs: INodeExecutionData[][]; logged: string[] }> {
	const { context, logged } = fakeExecuteContext(wanted);
	return { outputs: await new PrismaMigrate().execute.call(context), logged };
}

async function failure(wanted: FakeExecution): Promise<string> {
	try {
		await run(wanted);
	} catch (error) {
		const { message, description } = error as { message: string; description: string };
		return `${message} ${description} ${JSON.stringify(error)}`;
	}
	throw new Error('it did not fail');
}

test.each(['status', 'lint'])(
	'%s of a database that cannot be reached leaves through Inconclusive, and the password is nowhere',
	async (operation) => {
		const { outputs, logged } = await run(execution({ operation }));
		expect(outputs).toHaveLength(1);
		expect(outputs[0]?.[0]?.json.migration).toMatchObject({
			verdict: 'inconclusive',
			database: null,
			problems: [{ kind: 'unreadable', text: expect.stringContaining('ECONNREFUSED') }],
		});
		expect(JSON.stringify([outputs, logged])).not.toContain(CANARY);
	},
);

test('a deployment that cannot reach the database throws, also under continue-on-fail, and the password is nowhere', async () => {
	const text = await failure(execution({ operation: 'deploy' }, { continueOnFail: true }));
	expect(text).toContain('MIGRATION.DATABASE_UNREACHABLE');
	expect(text).not.toContain(CANARY);
});

test.each<[string, Readonly<Record<string, unknown>>, string]>([
	['a missing folder', { migrationsFolder: '/nowhere/migrations' }, 'MIGRATION.FOLDER_MISSING'],
	['an empty folder name', { migrationsFolder: ' ' }, 'MIGRATION.FOLDER_MISSING'],
	['a schema that would end the startup option', { schema: 'public" -c x=y' }, 'The field schema is not valid'],
	[
		'no size of a small table',
		{ operation: 'lint', smallTableMegabytes: -1 },
		'The field smallTableMegabytes is not valid',
	],
	['an empty schema', { schema: '' }, 'The field schema is not valid'],
	['no lock timeout', { operation: 'deploy', lockTimeoutSeconds: 0 }, 'The field lockTimeoutSeconds is not valid'],
	[
		'a lock timeout that is no number',
		{ operation: 'deploy', lockTimeoutSeconds: 'soon' },
		'The field lockTimeoutSeconds is not valid',
	],
	['no attempt', { operation: 'deploy', lockAttempts: 0 }, 'The field lockAttempts is not valid'],
	[
		'a negative statement timeout',
		{ operation: 'deploy', statementTimeoutSeconds: -1 },
		'The field statementTimeoutSeconds is not valid',
	],
])('%s is refused before any credential is used', async (_name, parameters, text) => {
	const { context, asked } = fakeExecuteContext(execution(parameters));
	await expect(new PrismaMigrate().execute.call(context)).rejects.toThrow(text);
	expect(asked).toEqual({});
});

test('the plan is bound to the bytes of the folder', () => {
	const read = (): unknown =>
		deploy.plan(deploy.readParameters(fakeExecuteContext(execution({ operation: 'deploy' })).context, 0)).inputs;
	const before = read();
	expect(read()).toEqual(before);
	writeFileSync(join(folder, '1_a', 'migration.sql'), 'SELECT 2;');
	expect(read()).not.toEqual(before);
});

test('a deployment in a release is refused until backup, approval and status stand in the ledger', async () => {
	const ledger = new MemoryLedger();
	jest.mocked(openLedger).mockResolvedValue(ledger);
	const wanted = {
		id: 'r-1',
		environment: 'production',
		version: '2',
		commit: '',
		images: [],
		startedBy: 'ci',
		authors: [],
		override: null,
		rehearsal: false,
		contracts: false,
		deliveryId: '',
		executionId: '',
	};
	const { release } = await ledger.beginRelease(wanted);
	const recording = execution({
		operation: 'deploy',
		recordStep: true,
		stepKey: '2.1/deploy-migrations',
		releaseId: release.id,
		token: release.token,
		environment: 'production',
	});
	const credentials = {
		...recording.credentials,
		releaseLedger: { host: 'ledger.example.com', database: 'operations', user: 'runbook', password: CANARY },
	};
	expect(await failure({ ...recording, credentials })).toMatch(
		/RELEASE\.STEP_NOT_PROVEN.*needs 1\.2\/verify-backup|needs 1\.2\/verify-backup.*RELEASE\.STEP_NOT_PROVEN/s,
	);
});

test('status and lint judge and deploy changes; the schema has no way back', async () => {
	expect([status.kind, lint.kind, deploy.kind]).toEqual(['verdict', 'verdict', 'change']);
	expect(deploy.requires).toEqual([
		'1.2/verify-backup',
		'gate-1/approval',
		'2.1/migration-status',
		'2.1/lint',
		'2.1/rehearse',
		'2.2/integrity-before',
		'2.2/record-counts',
	]);
	expect(await deploy.prepare?.({} as never)).toEqual({ inverse: null });
});

describe('Unpack takes the archive from the item', () => {
	const archive = zip([
		{ name: 'migrations/migration_lock.toml', text: 'provider = "postgresql"\n' },
		{ name: 'migrations/1_first/migration.sql', text: 'CREATE TABLE a (i int);' },
	]);
	const unpackFrom = async (binaryField: string, execution: Partial<FakeExecution>) => {
		const directory = await mkdtemp(join(tmpdir(), 'unpacked-'));
		try {
			const { context } = fakeExecuteContext({
				parameters: { operation: 'unpack', archiveFrom: 'binaryData', binaryField, directory, sha256: '' },
				...execution,
			});
			const [[item] = []] = await new PrismaMigrate().execute.call(context);
			const { migrationsFolder, migrations } = item?.json.migration as {
				migrationsFolder: string;
				migrations: number;
			};
			expect(migrations).toBe(1);
			return await readFile(join(migrationsFolder, '1_first', 'migration.sql'), 'utf8');
		} finally {
			await rm(directory, { recursive: true });
		}
	};

	it.each<[string, Partial<FakeExecution>]>([
		[
			'that carries it',
			{
				items: [
					{ json: {}, binary: { zip: { data: archive.toString('base64'), mimeType: 'application/zip' } } },
				],
			},
		],
		[
			'whose file n8n keeps elsewhere',
			{
				items: [
					{
						json: {},
						binary: { zip: { id: 'filesystem:1', data: 'filesystem', mimeType: 'application/zip' } },
					},
				],
				binaries: { 'filesystem:1': archive },
			},
		],
	])('%s, without any credential', async (_, execution) => {
		expect(await unpackFrom('zip', execution)).toBe('CREATE TABLE a (i int);');
	});

	it('and says which file is not there', async () => {
		await expect(unpackFrom('zip', {})).rejects.toThrow(/binary field zip.*no such file/s);
	});
});

test('the node is described for the editor: stored values, outputs, credentials and step keys', () => {
	const { description } = new PrismaMigrate();
	const operation = description.properties.find(({ name }) => name === 'operation');
	expect(operation?.options?.map((option) => ('value' in option ? option.value : ''))).toEqual([
		'deploy',
		'lint',
		'rehearse',
		'resolve',
		'status',
		'unpack',
	]);
	expect(description.credentials?.map(({ name }) => name)).toEqual([
		'postgres',
		'scratchPostgres',
		's3',
		'releaseLedger',
	]);
	expect(JSON.stringify(description.outputs)).toContain(String.raw`[\"lint\",\"rehearse\",\"status\"]`);
	expect(description.properties.filter(({ name }) => name === 'stepKey').map((property) => property.default)).toEqual(
		['2.1/migration-status', '2.1/lint', '2.1/rehearse', '2.1/resolve', '2.1/unpack', '2.1/deploy-migrations'],
	);
});
