import { endOfLog, positionOf } from '../../../lib/backup/standby.client';

test.each([
	['0/0', 0n],
	['0/3000028', 0x3000028n],
	['16/B374D848', 0x16b374d848n],
	['FFFFFFFF/FFFFFFFF', 0xffffffffffffffffn],
])('the place %s in the log', (lsn, position) => {
	expect(positionOf(lsn)).toBe(position);
});

test.each([
	['in a page', '0/3001234', '0/3001234'],
	["behind a page's header", '0/3002018', '0/3002000'],
	["behind a segment's header", '0/3000028', '0/3000000'],
	['behind the end of a record that went on into this page', '0/3002028', '0/3002028'],
	['at the very begin of a page', '0/3002000', '0/3002000'],
])('%s: the last record ends there', (_what, next, end) => {
	expect(endOfLog(positionOf(next))).toBe(positionOf(end));
});
