import type { IDataObject } from 'n8n-workflow';
import { createReleaseNode, type ReleaseNode } from './releaseNode';

let node: ReleaseNode;
beforeEach(() => (node = createReleaseNode()));

const LATER = '2099-12-20T18:00:00+01:00';

function declare(change: Record<string, unknown> = {}): Record<string, unknown> {
	return {
		operation: 'declareFreeze',
		freezeEnvironment: 'production',
		freezeReason: ' end of the year ',
		freezePerson: 'the release manager',
		freezeFrom: '',
		freezeUntil: '',
		...change,
	};
}

describe('Declare a freeze', () => {
	it('begins now and lasts until it is lifted, unless it says otherwise', async () => {
		const before = Date.now();
		const { output, json } = await node.single(declare(), { items: [{ json: { kept: 1 } }] });
		expect({ output, json }).toEqual({
			output: 0,
			json: {
				kept: 1,
				freeze: {
					id: 'freeze-1',
					environment: 'production',
					reason: 'end of the year',
					declaredBy: 'the release manager',
					from: expect.any(String) as string,
					until: null,
					liftedAt: null,
				},
			},
		});
		const from = Date.parse((json.freeze as { readonly from: string }).from);
		expect(from).toBeGreaterThanOrEqual(before);
		expect(from).toBeLessThanOrEqual(Date.now());
	});

	it('takes times with an offset', async () => {
		const { json } = await node.single(
			declare({ freezeFrom: '2099-12-20T18:00:00Z', freezeUntil: '2099-12-27T06:00:00-05:00' }),
		);
		expect(json.freeze).toMatchObject({ from: '2099-12-20T18:00:00.000Z', until: '2099-12-27T11:00:00.000Z' });
	});

	it.each([
		['environment', { freezeEnvironment: ' ' }, 'it is empty'],
		['reason', { freezeReason: '' }, 'it is empty'],
		['person', { freezePerson: null }, 'it is empty'],
		['freezeFrom', { freezeFrom: 'tomorrow' }, 'it is no date'],
		['freezeUntil', { freezeUntil: '2026-13-01' }, 'it is no date'],
		['freezeUntil', { freezeFrom: LATER, freezeUntil: LATER }, 'it is not after the beginning'],
		[
			'freezeUntil',
			{ freezeFrom: LATER, freezeUntil: '2099-12-20T17:59:59+01:00' },
			'it is not after the beginning',
		],
		['freezeUntil', { freezeUntil: '2020-01-01T00:00:00Z' }, 'it is not after the beginning'],
	])('refuses a wrong %s: %j', async (field, change, problem) => {
		await expect(node.execute(declare(change))).rejects.toThrow(`The field ${field} is not valid: ${problem}`);
		expect(node.ledger.freezes).toEqual([]);
	});
});

describe('Lift a freeze', () => {
	const lift = (change: Record<string, unknown> = {}): Record<string, unknown> => ({
		operation: 'liftFreeze',
		freezeId: 'freeze-1',
		liftPerson: 'the release manager',
		...change,
	});

	it('says when it was lifted; again, the same', async () => {
		await node.single(declare());
		const { json } = await node.single(lift());
		expect(json.freeze).toMatchObject({ id: 'freeze-1', liftedAt: expect.any(String) as string });
		expect((await node.single(lift())).json.freeze).toEqual(json.freeze);
		expect(await node.ledger.listFreezes('production')).toEqual([]);
	});

	it.each([
		['freezeId', { freezeId: ' ' }],
		['person', { liftPerson: '' }],
	])('refuses an empty %s', async (field, change) => {
		await node.single(declare());
		await expect(node.execute(lift(change))).rejects.toThrow(`The field ${field} is not valid: it is empty`);
		expect(await node.ledger.listFreezes('production')).toHaveLength(1);
	});

	it('refuses one that nobody declared', async () => {
		await expect(node.execute(lift({ freezeId: 'freeze-9' }))).rejects.toThrow('RELEASE.FREEZE_UNKNOWN');
	});
});

describe('Get Many', () => {
	const list = (change: Record<string, unknown> = {}): Record<string, unknown> => ({
		operation: 'list',
		listEnvironment: 'production',
		limit: 50,
		...change,
	});

	it('lists the newest first, rehearsals too, with the freezes in force', async () => {
		await node.ledger.finishRelease(await node.begun(), 'rejected');
		await node.begun({ id: 'r-2', version: '3' });
		await node.begun({ id: 'r-3', rehearsal: true });
		await node.begun({ id: 'r-4', environment: 'staging' });
		await node.single(declare());
		const { output, json } = await node.single(list());
		expect(output).toBe(0);
		expect(json.releases).toMatchObject({
			environment: 'production',
			list: [
				{ id: 'r-3', rehearsal: true },
				{ id: 'r-2', state: 'running' },
				{ id: 'r-1', state: 'rejected' },
			],
			freezes: [{ id: 'freeze-1' }],
		});
		const { json: first } = await node.single(list({ limit: 1 }));
		expect((first.releases as IDataObject).list).toMatchObject([{ id: 'r-3' }]);
	});

	it('finding none is an answer', async () => {
		expect((await node.single(list())).json.releases).toEqual({ environment: 'production', list: [], freezes: [] });
	});

	it.each([0, -1, 1.5, 1001, 'many', null])('refuses the limit %j', async (limit) => {
		await expect(node.execute(list({ limit }))).rejects.toThrow('The field limit is not valid');
	});
});
