import { rowHashExpression } from '../../../lib/backup/rowHash';

const values = [
	{ sql: 'r."id"', type: 'int4' },
	{ sql: 'r."t"', type: 'text' },
	{ sql: 'r."amount"', type: 'numeric' },
];

test('values are hashed as they are, and as text where equal values print differently', () =>
	expect(rowHashExpression(values, 'record')).toBe(
		'hash_record_extended(ROW(r."id", r."t" COLLATE "C", ROW(r."amount")::text COLLATE "C"), 0)',
	));

test('servers that cannot hash records hash the text of the row', () =>
	expect(rowHashExpression(values, 'text')).toBe(
		'hashtextextended(ROW(r."id", r."t", r."amount")::text COLLATE "C", 0)',
	));
