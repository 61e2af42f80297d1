import { rowHashExpression } from '../../../lib/backup/rowHash';

const values = [
	{ sql: 'r."id"', type: 'int4' },
	{ sql: 'r."t"', type: 'text' },
	{ sql: 'r."amount"', type: 'numeric' },
	{ sql: 'r."details"', type: 'jsonb' },
	{ sql: 'r."code"', type: 'bpchar' },
];

test('values are hashed as they are, and as text or bytes where equal values print differently', () =>
	expect(rowHashExpression(values, 'record')).toBe(
		'hash_record_extended(ROW(r."id", r."t" COLLATE "C", numeric_send(r."amount"), r."details"::text COLLATE "C", ROW(r."code")::text COLLATE "C"), 0)',
	));

test('servers that cannot hash records hash the text of the row', () =>
	expect(rowHashExpression(values, 'text')).toBe(
		'hashtextextended(ROW(r."id", r."t", r."amount", r."details", r."code")::text COLLATE "C", 0)',
	));
