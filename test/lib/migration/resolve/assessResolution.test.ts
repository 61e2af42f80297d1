import { assessResolution, type ResolutionFacts } from '../../../../lib/migration/resolve/assessResolution';

const MADE = { line: 1, object: 'relation public.a', isMade: true };
const DROPPED = { line: 2, object: 'column public.b.c', isMade: false };

const judge = (change: Partial<ResolutionFacts>): unknown => {
	const { proof, against } = assessResolution({
		resolution: 'applied',
		traces: { told: [MADE, DROPPED], untold: [] },
		objects: new Set(),
		nothingWasLeft: false,
		comparedBy: '',
		...change,
	});
	return [proof, against.length];
};
const ALL = new Set(['relation public.a']);
const NONE = new Set(['column public.b.c']);
const HALF = new Set(['relation public.a', 'column public.b.c']);
const UNTOLD = { told: [MADE], untold: [3] };

test.each<[string, Partial<ResolutionFacts>, unknown]>([
	['all of it is there', { objects: ALL }, ['catalogs', 0]],
	['nothing of it is there', { objects: NONE }, [null, 2]],
	['a part of it is there', { objects: HALF }, [null, 1]],
	['nothing is there, rolled back', { resolution: 'rolled-back', objects: NONE }, ['catalogs', 0]],
	['a part is there, rolled back', { resolution: 'rolled-back', objects: HALF }, [null, 1]],
	[
		'the server undid its one transaction',
		{ resolution: 'rolled-back', objects: HALF, nothingWasLeft: true },
		['one-transaction', 0],
	],
	['a transaction that was undone is not applied', { objects: NONE, nothingWasLeft: true }, [null, 2]],
	['nobody compared what cannot be seen', { objects: ALL, traces: UNTOLD }, [null, 0]],
	['somebody compared what cannot be seen', { objects: ALL, traces: UNTOLD, comparedBy: 'on-call' }, ['person', 0]],
	['nobody outweighs the catalogs', { objects: NONE, traces: UNTOLD, comparedBy: 'on-call' }, [null, 1]],
	['a script without a statement', { traces: { told: [], untold: [] } }, ['catalogs', 0]],
])('%s', (_, change, expected) => {
	expect(judge(change)).toEqual(expected);
});
