import { assessSwap, endpointProblem, openHazards } from '../../../../lib/backup/restore/assessSwap';
import type { EndpointAnswer, SwapFacts, Waiver } from '../../../../lib/backup/restore/model';

const answer: EndpointAnswer = {
	endpoint: 'db:5432/cases',
	databaseOid: 7,
	systemIdentifier: '1',
	isStandby: false,
	isPooler: false,
	problem: '',
};
const calm: SwapFacts = {
	database: 'cases',
	databaseOid: 7,
	systemIdentifier: '1',
	rights: '',
	standbys: [],
	slots: [],
	subscriptions: [],
	preparedTransactions: [],
	scheduledJobs: [],
	sessions: [],
	endpoints: [answer],
	isMigrating: false,
};
const standby = { application: 'reports', address: '10.0.0.2', slot: null };

const standings = (facts: Partial<SwapFacts>, waivers: Waiver[] = []): string[] =>
	assessSwap({ ...calm, ...facts }, waivers).map(({ kind, standing }) => `${kind} ${standing}`);

test('a database that nobody else uses has no hazards', () => {
	expect(standings({})).toEqual([]);
});

test.each<[string, Partial<SwapFacts>, Waiver[], string[]]>([
	[
		'two standbys, one declared',
		{ standbys: [standby, standby], endpoints: [answer, { ...answer, isStandby: true }] },
		[],
		['standby open'],
	],
	[
		'one standby, declared',
		{ standbys: [standby], endpoints: [answer, { ...answer, isStandby: true }] },
		[],
		['standby handled'],
	],
	['a pooler that is declared', { endpoints: [answer, { ...answer, isPooler: true }] }, [], ['pooler handled']],
	['the credential’s own pooler', { endpoints: [{ ...answer, isPooler: true }] }, [], ['pooler open']],
	[
		'an absent standby’s slot',
		{ slots: [{ name: 's', kind: 'physical', active: false }] },
		[],
		['physicalSlot handled'],
	],
	[
		'a logical slot, waived',
		{ slots: [{ name: 's', kind: 'logical', active: false }] },
		['logicalSlot'],
		['logicalSlot waived'],
	],
	[
		'a logical slot, another word',
		{ slots: [{ name: 's', kind: 'logical', active: false }] },
		['session'],
		['logicalSlot open'],
	],
	['jobs that may not be seen', { scheduledJobs: null }, [], ['scheduledJob open']],
	['rights that lack', { rights: 'the role app lacks CREATEDB' }, ['session'], ['rights open']],
])('%s', (_, facts, waivers, expected) => {
	expect(standings(facts, waivers)).toEqual(expected);
});

test('a word cannot accept what no word is for', () => {
	const facts = {
		preparedTransactions: [{ id: 't', owner: 'app', preparedAt: '2026-11-23T00:00:00.000Z' }],
		isMigrating: true,
	};
	const all = ['preparedTransaction', 'migration'] as unknown as Waiver[];
	const hazards = assessSwap({ ...calm, ...facts }, all);
	expect(openHazards(hazards).map(({ kind }) => kind)).toEqual(['migration', 'preparedTransaction']);
});

test.each([
	['the database itself', {}, ''],
	['another database', { databaseOid: 8 }, 'leads to another database (OID 8)'],
	['a database that it cannot name', { databaseOid: null }, 'leads to another database (OID unknown)'],
	[
		'another server, whose OID happens to be the same',
		{ systemIdentifier: '2' },
		'leads to another server (system 2)',
	],
	['a role that may not ask for the system', { systemIdentifier: null }, ''],
	['silence', { problem: 'connection refused' }, 'does not answer (connection refused)'],
])('an endpoint that leads to %s', (_, found, expected) => {
	expect(endpointProblem({ ...answer, ...found }, calm)).toBe(expected);
});
