import { createHash } from 'node:crypto';
import type { IDataObject } from 'n8n-workflow';
import type { Ledger } from '../../../../lib/release/ledger';
import { openLedger } from '../../../../lib/release/ledger.client';
import type { ReleaseFacts } from '../../../../lib/release/report/model';
import { writeReport, type ReportStore } from '../../../../lib/release/report/writeReport';
import { report } from '../../../../nodes/Release/operations/report.operation';
import { runOperations } from '../../../../nodes/shared/runOperations';
import { fakeExecuteContext } from '../../../support/fakeExecuteContext';
import { startScriptedServer, type ScriptedServer } from '../../../support/scriptedServer';
import { at, exampleRelease, rolledBack, succeeded } from './exampleFacts';

jest.mock('../../../../lib/release/ledger.client', () => ({ openLedger: jest.fn() }));

const CANARY = 'canary-s3cret-4711';
const ACCESS_KEY = 'CANARYACCESSKEY4712';

/** A ledger that answers from facts; `growing` writes an event between any two readings. */
function ledgerOf(facts: ReleaseFacts, { growing = false } = {}): Ledger {
	let read = 0;
	const own =
		<Value>(value: Value) =>
		async (releaseId: string) =>
			releaseId === facts.release.id ? value : undefined;
	const gate = (name: string) => facts.gates.find((one) => one.gate.gate === name);
	return {
		readRelease: own(facts.release),
		readSteps: async () => [...facts.steps],
		readPhases: async () => [...facts.phases],
		readRefusals: async () => [...facts.refusals],
		readSamples: async () => [...facts.samples],
		readPlan: async () => [...facts.plan],
		readEvents: async () => facts.events.slice(0, growing ? ++read : undefined),
		gates: {
			readGate: async (_: string, name: string) => gate(name)?.gate,
			readVotes: async (_: string, name: string) => [...(gate(name)?.votes ?? [])],
		},
	} as unknown as Ledger;
}

describe('writing a report', () => {
	const place = { bucket: 'case-backups', prefix: '/reports/', publicUrl: '' };
	const options = {
		now: at(4100),
		place,
		rollbackPlace: { namespace: '', containers: {} },
		signal: new AbortController().signal,
	};

	function memoryStore(): { store: ReportStore; puts: Array<{ key: string; text: string; contentType: string }> } {
		const puts: Array<{ key: string; text: string; contentType: string }> = [];
		const putText: ReportStore['putText'] = async ({ key }, text, _signal, contentType) =>
			void puts.push({ key, text, contentType });
		return { store: { putText }, puts };
	}

	it('stores the JSON, then the page that names its hash, and says where', async () => {
		const { store, puts } = memoryStore();
		const facts = rolledBack();
		const written = await writeReport(ledgerOf(facts), store, { ...options, releaseId: facts.release.id });
		const folder = `reports/production/${facts.release.id}`;
		expect(puts.map(({ key, contentType }) => [key, contentType])).toEqual([
			[`${folder}/report.json`, 'application/json'],
			[`${folder}/report.html`, 'text/html; charset=utf-8'],
		]);
		const [json, html] = puts.map(({ key, text }) => ({
			key,
			sha256: createHash('sha256').update(text).digest('hex'),
			bytes: Buffer.byteLength(text),
		}));
		expect(puts[1]?.text).toContain(json?.sha256);
		expect(written).toEqual({
			releaseId: facts.release.id,
			environment: 'production',
			version: '2026.11.23',
			state: 'rolled-back-verified',
			outcome: 'Rolled back, verified',
			url: `s3://case-backups/${folder}/report.html`,
			html,
			json,
			verdicts: { checks: 'failed', clocks: 'passed', chain: 'passed' },
			chainHash: facts.events.at(-1)?.hash,
		});
	});

	it('writes the same again for the same facts', async () => {
		const [one, other] = [memoryStore(), memoryStore()];
		for (const { store } of [one, other])
			await writeReport(ledgerOf(succeeded()), store, { ...options, releaseId: exampleRelease().id });
		expect(one.puts).toEqual(other.puts);
	});

	it.each([
		['../../etc', 'https://reports.example.com/x/', '', `https://reports.example.com/x/__.._etc/REL/report.html`],
		['production', '', '', 's3://case-backups/production/REL/report.html'],
		[
			'pro/duction',
			'https://reports.example.com',
			'a b',
			'https://reports.example.com/a%20b/pro_duction/REL/report.html',
		],
	])('keeps the environment %j inside its folder', async (environment, publicUrl, prefix, url) => {
		const { store } = memoryStore();
		const facts = { ...succeeded(), release: exampleRelease({ environment }) };
		const written = await writeReport(ledgerOf(facts), store, {
			...options,
			place: { ...place, publicUrl, prefix },
			releaseId: facts.release.id,
		});
		expect(written.url).toBe(url.replace('REL', facts.release.id));
	});

	it('does not take a ledger that is written to meanwhile for one that was tampered with', async () => {
		const { store, puts } = memoryStore();
		await writeReport(ledgerOf(succeeded(), { growing: true }), store, {
			...options,
			releaseId: exampleRelease().id,
		});
		const { chain, omissions } = JSON.parse(puts[0]?.text ?? '') as {
			chain: { differences: string[] };
			omissions: string[];
		};
		expect(chain.differences).toEqual([]);
		expect(omissions).toEqual([
			'The ledger was being written to, so its rows were not compared with the hash chain.',
		]);
	});

	it('refuses a release that the ledger does not know', async () => {
		const { store, puts } = memoryStore();
		await expect(
			writeReport(ledgerOf(succeeded()), store, { ...options, releaseId: 'r-unknown' }),
		).rejects.toMatchObject({ code: 'RELEASE.UNKNOWN' });
		expect(puts).toEqual([]);
	});
});

describe('the operation Report', () => {
	let storage: ScriptedServer;
	let status: number;

	beforeEach(async () => {
		status = 200;
		storage = await startScriptedServer((_, response) => void response.writeHead(status, { etag: '"1"' }).end());
		jest.mocked(openLedger).mockResolvedValue(ledgerOf(succeeded()));
	});
	afterEach(async () => await storage.close());

	/** Path and body of each object that was put. */
	const stored = (): Map<string, string> =>
		new Map(storage.requests.map(({ path, body }) => [new URL(path, storage.url).pathname, body]));

	async function execute(change: Record<string, unknown> = {}): Promise<{ json: IDataObject; logged: string[] }> {
		const { context, logged } = fakeExecuteContext({
			parameters: {
				operation: 'report',
				releaseId: exampleRelease().id,
				token: 41,
				bucket: 'case-backups',
				prefix: 'reports/',
				publicUrl: 'https://reports.example.com',
				clockBudgets: undefined,
				namespace: 'production',
				workloads: [
					{ service: 'case-backend', container: 'backend', repository: 'registry.example.com/case/backend' },
				],
				...change,
			},
			credentials: {
				releaseLedger: { host: 'ledger.example.com', database: 'ops', user: 'runbook', password: CANARY },
				s3: {
					endpoint: storage.url,
					region: 'us-east-1',
					accessKeyId: ACCESS_KEY,
					secretAccessKey: CANARY,
					forcePathStyle: true,
				},
			},
		});
		const [[item] = []] = await runOperations(context, { resultKey: 'release', operations: [report] });
		return { json: item?.json ?? {}, logged };
	}

	it('stores both files and gives their place under the key report; no secret is in any of it', async () => {
		const { json, logged } = await execute();
		const folder = `/case-backups/reports/production/${exampleRelease().id}`;
		expect([...stored().keys()]).toEqual([`${folder}/report.json`, `${folder}/report.html`]);
		expect(json.report).toMatchObject({
			state: 'succeeded',
			url: `https://reports.example.com/reports/production/${exampleRelease().id}/report.html`,
			verdicts: { checks: 'passed', clocks: 'passed', chain: 'passed' },
		});
		const everything = [...stored().values(), JSON.stringify(json), ...logged].join('\n');
		expect(everything).toContain('set image deployment/case-backend-blue backend=');
		expect(everything).not.toContain(CANARY);
		expect(everything).not.toContain(ACCESS_KEY);
	});

	it('fails clearly when the object storage refuses and the workflow is to stop then', async () => {
		status = 403;
		await expect(execute({ onReportFailure: 'stop' })).rejects.toThrow(/STORAGE\.ACCESS_DENIED/);
	});

	it('otherwise goes on and says why it was not written: a rollback is not stopped by its report', async () => {
		status = 403;
		const { json } = await execute();
		expect(json.report).toMatchObject({ written: false, url: 'not written (STORAGE.ACCESS_DENIED)' });
	});

	it.each([
		[{ publicUrl: 'https://user:secret@reports.example.com' }, /publicUrl/],
		[{ publicUrl: 'javascript:alert(1)' }, /publicUrl/],
		[{ bucket: 'https://evil.example.com' }, /bucket/],
		[{ prefix: '../elsewhere' }, /prefix/],
		[{ clockBudgets: { rollbackMinutes: -1 } }, /clockBudgets/],
		[{ workloads: [{ container: 'api' }] }, /workloads/],
	])('refuses %j and stores nothing', async (change, message) => {
		await expect(execute(change)).rejects.toThrow(message);
		expect([...stored().keys()]).toEqual([]);
	});

	it.each([[undefined], [{}], ['{}']])(
		'judges by the numbers of the runbook when no budgets are given (%j)',
		async (clockBudgets) => {
			await execute({ clockBudgets });
			const [json = ''] = stored().values();
			expect((JSON.parse(json) as { clocks: Array<{ budgetMs: number }> }).clocks[0]?.budgetMs).toBe(900_000);
		},
	);
});
