import { ScratchPostgres } from '../../../credentials/ScratchPostgres.credentials';
import { PostgresBackup } from '../../../nodes/PostgresBackup/PostgresBackup.node';
import { create } from '../../../nodes/PostgresBackup/operations/create.operation';
import { postgresConnection } from '../../../nodes/shared/credentials';
import { fakeExecuteContext } from '../../support/fakeExecuteContext';

// The S3 client is loaded when it is first needed, which takes seconds on a busy machine.
jest.setTimeout(30_000);

const node = new PostgresBackup();
const CANARY = 'canary-password-4711';
const database = { host: '127.0.0.1', port: 1, database: 'cases', user: 'app', password: CANARY };
const credentials = {
	postgres: database,
	scratchPostgres: database,
	s3: {
		endpoint: 'http://127.0.0.1:1',
		region: 'us-east-1',
		accessKeyId: 'AKIDCANARY',
		secretAccessKey: CANARY,
		forcePathStyle: true,
	},
};
const createParameters = {
	operation: 'create',
	bucket: 'backups',
	prefix: 'a/b',
	lockWaitTimeoutSeconds: 30,
	budgetMinutes: 15,
	jobs: 2,
	deadlineMinutes: 15,
};
const verifyParameters = {
	operation: 'verify',
	bucket: 'backups',
	prefix: '',
	backupId: '20261123T064012Z-3f9a1c2b4d5e',
	allowSourceServer: false,
	keepScratch: false,
	diskGB: 0,
	jobs: 2,
	deadlineMinutes: 15,
};

test('the time budget is the minutes of a phase, which need not be whole', () => {
	const { context } = fakeExecuteContext({ parameters: { ...createParameters, budgetMinutes: 12.5 }, credentials });
	expect(create.readParameters(context, 0)).toMatchObject({ budgetMinutes: 12.5, standby: undefined });
});

test.each([
	['replica.internal:5432', { host: 'replica.internal', port: 5432 }],
	[' [::1]:5433 ', { host: '::1', port: 5433 }],
	['', undefined],
])('the standby %s is read so', (standby, address) => {
	const { context } = fakeExecuteContext({ parameters: { ...createParameters, standby }, credentials });
	expect(create.readParameters(context, 0).standby).toEqual(address);
});

test.each(['replica.internal', `app:${CANARY}@replica.internal:5432`, '--host=x'])(
	'the standby %s is refused, and no login in it is shown',
	(standby) => {
		const { context } = fakeExecuteContext({ parameters: { ...createParameters, standby }, credentials });
		const read = (): unknown => create.readParameters(context, 0);
		expect(read).toThrow('The field standby is not valid');
		expect(read).not.toThrow(CANARY);
	},
);

test('asks for the credentials of the chosen operation only', () => {
	expect(node.description.credentials?.map(({ name, displayOptions }) => [name, displayOptions?.show])).toEqual([
		['postgres', { operation: ['checkAccess', 'create', 'prove', 'previewRestore', 'restore', 'swapBack'] }],
		['scratchPostgres', { operation: ['checkAccess', 'prove', 'verify', 'sweepScratch'] }],
		[
			's3',
			{ operation: ['checkAccess', 'create', 'list', 'prove', 'verify', 'prune', 'previewRestore', 'restore'] },
		],
		['backupIdentity', { operation: ['verify', 'restore'], encrypted: [true] }],
		['releaseLedger', { recordStep: [true] }],
	]);
});

test('verify has the three outputs of a judge, create has one', () => {
	expect(node.description.outputs).toContain(
		'["checkAccess","prove","verify","previewRestore"].includes($parameter.operation)',
	);
});

test('the fields of the scratch credential are those that the connection is made of', () => {
	const names = new ScratchPostgres().properties.map(({ name }) => name).filter((name) => name !== 'notice');
	expect(names.sort()).toEqual(['allowUnauthorizedCerts', 'database', 'host', 'password', 'port', 'ssl', 'user']);
});

test.each<[string, Record<string, unknown>, string]>([
	['disabled by default', {}, 'disable'],
	['required and checked', { ssl: 'require' }, 'verify-full'],
	['required, certificate not checked', { ssl: 'require', allowUnauthorizedCerts: true }, 'require'],
	[
		"encrypted where n8n's credential hides its SSL field",
		{ ssl: 'disable', allowUnauthorizedCerts: true },
		'require',
	],
])('the connection of the Postgres credential is %s', (_, change, ssl) => {
	expect(postgresConnection('postgres', { ...database, ...change })).toMatchObject({ ssl });
});

test.each(['host', 'database'])('a URL as Prisma takes it in the field %s is refused, and is not shown', (field) => {
	const url = `postgresql://app:${CANARY}@db.example.com:5432/cases?schema=public`;
	const connect = (): unknown => postgresConnection('postgres', { ...database, [field]: url });
	expect(connect).toThrow(`The field ${field} of the credential postgres holds a whole address`);
	expect(connect).not.toThrow(CANARY);
});

test.each<[string, Record<string, unknown>, string]>([
	['no bucket', { bucket: '' }, 'bucket'],
	['a bucket given as an address', { bucket: 's3://backups' }, 'bucket'],
	['a prefix that climbs', { prefix: 'a/../b' }, 'prefix'],
	['a deadline of nothing', { deadlineMinutes: 0 }, 'deadlineMinutes'],
	['no time budget', { budgetMinutes: 0 }, 'budgetMinutes'],
	['a lock wait that is not a number', { lockWaitTimeoutSeconds: Number.NaN }, 'lockWaitTimeoutSeconds'],
])('%s is refused before anything is touched', async (_, change, field) => {
	const { context, asked } = fakeExecuteContext({ parameters: { ...createParameters, ...change }, credentials });
	await expect(node.execute.call(context)).rejects.toThrow(`The field ${field} is not valid`);
	expect(asked).toEqual({});
});

test.each([undefined, '', 'latest', '../x', '20261123T064012Z'])('the backup id %j is refused', async (backupId) => {
	const { context } = fakeExecuteContext({
		parameters: { ...verifyParameters, backupId: backupId ?? null },
		credentials,
	});
	await expect(node.execute.call(context)).rejects.toThrow('The field backupId is not valid');
});

test('a backup that cannot be read leaves through Inconclusive, with its reason', async () => {
	const { context } = fakeExecuteContext({
		parameters: verifyParameters,
		credentials,
		items: [{ json: { kept: 1 } }],
	});
	const [inconclusive, ...others] = await node.execute.call(context);
	expect(others.flat()).toEqual([]);
	expect(inconclusive).toEqual([
		{
			pairedItem: { item: 0 },
			json: {
				kept: 1,
				backup: {
					backupId: verifyParameters.backupId,
					bucket: 'backups',
					folder: `${verifyParameters.backupId}/`,
					manifestKey: `${verifyParameters.backupId}.manifest.json`,
					sizeBytes: 0,
					sha256: '',
					tables: 0,
					rows: 0,
					reasons: [
						{
							code: 'STORAGE_UNAVAILABLE',
							message: expect.stringContaining('could not read in bucket backups'),
						},
					],
					differences: [],
					differenceCount: 0,
					scratch: null,
					token: null,
					verdict: 'inconclusive',
				},
			},
		},
	]);
});

test.each([createParameters, verifyParameters])(
	'no secret in any output, log or error of $operation',
	async (parameters) => {
		const { context, logged } = fakeExecuteContext({ parameters, credentials });
		const outcome: unknown = await node.execute.call(context).catch((error: unknown) => error);
		const shown = JSON.stringify(outcome) + String(outcome) + ((outcome as Error).stack ?? '') + logged.join('\n');
		expect(logged.length).toBeGreaterThan(0);
		for (const secret of [CANARY, 'AKIDCANARY']) expect(shown).not.toContain(secret);
	},
);

test.each([
	['Error', { ...database }, /ECONNREFUSED/],
	['Error', { ...database, host: '' }, /has no host/],
])('the credential test says %s for a server that is not there', async (status, data, message) => {
	const credential = { id: '1', name: 'Scratch', type: 'scratchPostgres', data };
	const result = await node.methods.credentialTest.scratchServer.call({} as never, credential as never);
	expect(result).toEqual({ status, message: expect.stringMatching(message) });
	expect(JSON.stringify(result)).not.toContain(CANARY);
});

test('the test of an identity names its public key, and shows no identity', async () => {
	const { generateX25519Identity, identityToRecipient } = await import('age-encryption');
	const secretKey = await generateX25519Identity();
	const test = async (data: object) =>
		await node.methods.credentialTest.backupIdentity.call(
			{} as never,
			{ id: '1', name: 'Identity', type: 'backupIdentity', data } as never,
		);
	const message = `Opens what is encrypted for ${await identityToRecipient(secretKey)}`;
	expect(await test({ secretKey: ` ${secretKey}\n` })).toEqual({ status: 'OK', message });
	const results = [await test({ secretKey: 'AGE-SECRET-KEY-1CANARY' }), await test({})];
	expect(results.map(({ status }) => status)).toEqual(['Error', 'Error']);
	expect(JSON.stringify(results)).not.toContain('CANARY');
});
