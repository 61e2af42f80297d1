import { exactness } from './watch/exactness.mjs';

/** What is measured, one after the other: each returns its rows and figures. */
const PARTS = [exactness];

/** Whether the watch rolls back exactly when it should, and what watching costs. */
export async function bench() {
	const results = [];
	for (const measure of PARTS) results.push(await measure());
	return {
		rows: results.flatMap(({ rows }) => rows),
		figures: Object.assign({}, ...results.map(({ figures }) => figures)),
	};
}
