import { describeKilled } from '../describeKilled';
import type { Mode } from '../sandboxProcess';
import { groupRows } from './rows';

/** What `npm run test:kill` was asked for. */
const { modes, words, atOnce } = JSON.parse(
	process.env.KILL_TABLE ?? '{"modes":["regular"],"words":[],"atOnce":1}',
) as {
	modes: Mode[];
	words: string[];
	atOnce: number;
};

for (const mode of modes)
	groupRows(words).forEach((group, index) => {
		describe(`${mode} mode, group ${String(index + 1)}`, () => describeKilled(mode, group, atOnce));
	});
