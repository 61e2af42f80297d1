import { expect, it } from '@jest/globals';
import { parseRecordOf } from '../../../lib/rollout/parseConfiguration';
import { RECORD } from './facts';

const own = { ...RECORD, release: 'r-5' };

it.each([
	['its own record', JSON.stringify(own), RECORD],
	['that of another release', JSON.stringify({ ...own, release: 'r-4' }), undefined],
	['one that names no release', JSON.stringify(RECORD), undefined],
	['its own, damaged', JSON.stringify({ ...own, liveColour: 'red' }), undefined],
	['text that is no JSON', '{"release": "r-5"', undefined],
	['null', 'null', undefined],
	['a list', '[]', undefined],
])('whether a release takes this for its own record: %s', (_what, text, expected) => {
	expect(parseRecordOf(text, 'r-5')).toEqual(expected);
});
