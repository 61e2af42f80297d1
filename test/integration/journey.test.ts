import { readFileSync } from 'node:fs';
import path from 'node:path';
import { S3Client, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { Client } from 'pg';
import { Journey } from '../../nodes/Journey/Journey.node';
import { fakeExecuteContext } from '../support/fakeExecuteContext';
import { sandboxEndpoints } from '../support/sandboxEndpoints';

const { services, testUser, reader, databases, s3 } = sandboxEndpoints();

interface Step {
	readonly name: string;
	readonly [field: string]: unknown;
}
/** The journey as the exported configuration ships it. */
const shipped = readShipped();

function readShipped(): readonly Step[] {
	const file = path.resolve(__dirname, '..', '..', 'workflows', 'configuration.json');
	const { nodes } = JSON.parse(readFileSync(file, 'utf8')) as {
		nodes: Array<{ name: string; parameters: { jsonOutput: string } }>;
	};
	const settings = nodes.find(({ name }) => name === 'Settings')?.parameters.jsonOutput ?? '';
	return (JSON.parse(settings) as { journey: { steps: Step[] } }).journey.steps;
}

async function walk(steps: readonly Step[], baseUrl = services.backend) {
	const { context, logged } = fakeExecuteContext({
		parameters: {
			operation: 'run',
			baseUrl,
			steps: JSON.stringify(steps),
			logsIn: true,
			timeoutSeconds: 20,
			attempts: 3,
			pauseSeconds: 0.5,
		},
		credentials: {
			syntheticAccounts: {
				user: testUser.email,
				password: testUser.password,
				otherUser: reader.email,
				otherPassword: reader.password,
			},
		},
	});
	const outputs = await new Journey().execute.call(context);
	const item = outputs.flat()[0]?.json as { journey: JourneyJson } | undefined;
	if (!item) throw new Error('no item came out');
	return { journey: item.journey, shown: JSON.stringify(outputs) + logged.join() };
}

interface JourneyJson {
	readonly verdict: string;
	readonly reason: string;
	readonly run: string;
	readonly leftBehind: readonly string[];
	readonly steps: ReadonlyArray<{
		readonly name: string;
		readonly outcome: string;
		readonly status: number;
		readonly times: { readonly samples: number; readonly p95Ms: number } | null;
	}>;
}

/** What of the journey is in the database and the bucket. */
async function remains(): Promise<{ cases: number; files: number; objects: number }> {
	const client = new Client(databases.production);
	await client.connect();
	const storage = new S3Client({
		endpoint: s3.endpoint,
		region: s3.region,
		forcePathStyle: true,
		credentials: { accessKeyId: s3.accessKeyId, secretAccessKey: s3.secretAccessKey },
	});
	try {
		const count = async (query: string): Promise<number> =>
			(await client.query<{ count: number }>(query)).rows[0]?.count ?? NaN;
		const listed = await storage.send(new ListObjectsV2Command({ Bucket: s3.buckets.files, Prefix: 'uploads/' }));
		return {
			cases: await count(`SELECT count(*)::int FROM cases WHERE title LIKE 'Synthetic case %'`),
			files: await count(`SELECT count(*)::int FROM files WHERE name = 'synthetic-document.pdf'`),
			objects: listed.KeyCount ?? 0,
		};
	} finally {
		storage.destroy();
		await client.end();
	}
}

const without = (name: string): Step[] => shipped.filter((step) => step.name !== name);
const changed = (name: string, change: object): Step[] =>
	shipped.map((step) => (step.name === name ? { ...step, ...change } : step));

describe('the critical path as it is shipped, against the application', () => {
	it('passes, leaves nothing behind, and shows no secret', async () => {
		const before = await remains();
		const { journey, shown } = await walk(shipped);
		expect(journey).toMatchObject({ verdict: 'passed', reason: '', leftBehind: [] });
		expect(journey.steps.map(({ outcome }) => outcome)).toEqual(shipped.map(() => 'ok'));
		expect(journey.steps.find(({ name }) => name === 'list the cases')?.times).toMatchObject({ samples: 10 });
		expect(await remains()).toEqual(before);
		for (const secret of [testUser.password, reader.password]) expect(shown).not.toContain(secret);
		expect(shown).not.toMatch(/Bearer \w/);
	});

	it('really creates what it says: without its clean-up, case, file and object are there', async () => {
		const before = await remains();
		const { journey } = await walk(without('delete the case').filter(({ name }) => name !== 'delete the file'));
		expect(journey.verdict).toBe('passed');
		expect(await remains()).toEqual({
			cases: before.cases + 1,
			files: before.files + 1,
			objects: before.objects + 1,
		});
	});

	it.each([
		[
			'a wrong password',
			changed('log in', { body: { email: '${user}', password: 'wrong' } }),
			'log in: status 401, expected 200',
		],
		[
			'a permission that is not enforced',
			changed('a reader may not assign the case', { headers: { authorization: 'Bearer ${token}' } }),
			'a reader may not assign the case: status 200, expected 403',
		],
		[
			'another file than the one that was sent',
			changed('download the file', { path: '/cases?limit=1' }),
			expect.stringMatching(/^download the file: the bytes are not those that were sent/),
		],
	])('%s fails it, and nothing is left behind', async (_name, steps, reason) => {
		const before = await remains();
		const { journey } = await walk(steps);
		expect(journey).toMatchObject({ verdict: 'failed', reason, leftBehind: [] });
		expect(await remains()).toEqual(before);
	});
});
