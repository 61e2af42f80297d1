import type { BackupManifest, DatabaseContent } from './model';

/** One thing that a restore did not bring back as the manifest says. */
export interface ContentDifference {
	/** `public.cases`, `sequence public.cases_id_seq`, or `large objects`. */
	readonly table: string;
	readonly expected: string;
	readonly actual: string;
}

export interface RestoredContent extends DatabaseContent {
	readonly sequences: ReadonlyArray<{ readonly schema: string; readonly name: string; readonly position: string }>;
}

const ABSENT = 'absent';

/** Every difference between what the manifest promises and what was restored; tables in the manifest's order, strangers last. */
export function compareContent(manifest: BackupManifest, restored: RestoredContent): ContentDifference[] {
	return [
		...compareTables(manifest, restored),
		...compareSequences(manifest, restored),
		...compareLargeObjects(manifest, restored),
	];
}

function compareTables(expected: DatabaseContent, actual: DatabaseContent): ContentDifference[] {
	const describe = ({ rows, hash }: { rows: number; hash: string }): string => `${rows} rows, hash ${hash}`;
	return compareNamed(
		expected.tables.map((table) => ({ ...table, text: describe(table) })),
		actual.tables.map((table) => ({ ...table, text: describe(table) })),
		{ label: '', same: (left, right) => left.rows === right.rows && left.hash === right.hash },
	);
}

function compareSequences({ sequences }: BackupManifest, restored: RestoredContent): ContentDifference[] {
	const range = (positions: { positionBefore: string; positionAfter: string }): readonly [bigint, bigint] => {
		const before = BigInt(positions.positionBefore);
		const after = BigInt(positions.positionAfter);
		return before <= after ? [before, after] : [after, before];
	};
	const expected = sequences.map((sequence) => {
		const [lowest, highest] = range(sequence);
		return { ...sequence, lowest, highest, text: lowest === highest ? String(lowest) : `${lowest} to ${highest}` };
	});
	return compareNamed(
		expected,
		restored.sequences.map((sequence) => ({ ...sequence, text: sequence.position })),
		{
			label: 'sequence ',
			same: (left, right) => left.lowest <= BigInt(right.position) && BigInt(right.position) <= left.highest,
		},
	);
}

function compareLargeObjects(
	{ largeObjects: expected }: DatabaseContent,
	{ largeObjects: actual }: DatabaseContent,
): ContentDifference[] {
	if (expected.count === actual.count && expected.hash === actual.hash) return [];
	const describe = ({ count, hash }: { count: number; hash: string }): string => `${count} objects, hash ${hash}`;
	return [{ table: 'large objects', expected: describe(expected), actual: describe(actual) }];
}

interface Named {
	readonly schema: string;
	readonly name: string;
	readonly text: string;
}

function compareNamed<Expected extends Named, Actual extends Named>(
	expected: readonly Expected[],
	actual: readonly Actual[],
	{ label, same }: { label: string; same(left: Expected, right: Actual): boolean },
): ContentDifference[] {
	// A name may hold a dot itself, so the key is not the readable form.
	const keyOf = ({ schema, name }: Named): string => JSON.stringify([schema, name]);
	const titleOf = ({ schema, name }: Named): string => `${label}${schema}.${name}`;
	const found = new Map(actual.map((entry) => [keyOf(entry), entry]));
	const promised = new Set(expected.map(keyOf));
	const differing = expected.flatMap((entry): ContentDifference[] => {
		const counterpart = found.get(keyOf(entry));
		if (counterpart && same(entry, counterpart)) return [];
		return [{ table: titleOf(entry), expected: entry.text, actual: counterpart?.text ?? ABSENT }];
	});
	const strangers = actual.filter((entry) => !promised.has(keyOf(entry)));
	return [
		...differing,
		...strangers.map((entry) => ({ table: titleOf(entry), expected: ABSENT, actual: entry.text })),
	];
}
