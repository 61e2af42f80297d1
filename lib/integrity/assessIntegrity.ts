import { worstVerdict, type Verdict } from '../support/verdict';
import { assessAssertion } from './assessAssertion';
import type {
	CheckName,
	IntegrityFacts,
	IntegrityLimits,
	IntegrityReport,
	Measured,
	StructureFacts,
	Violation,
} from './model';

/**
 * Judges everything that was measured, and tells all that is wrong. Failed: something is broken. Inconclusive: something could not be
 * measured. A constraint that Postgres was told not to check is a warning as long as no row breaks it.
 */
export function assessIntegrity(facts: IntegrityFacts, limits: IntegrityLimits): IntegrityReport {
	const { assertions, structure, counts } = facts;
	const violations = [
		...assertions.flatMap(({ assertion, result }) => assessAssertion(assertion, result, facts.before) ?? []),
		...assessStructure(structure),
		...assessCounts(facts, limits),
	];
	const serious = violations.flatMap(({ severity }): Verdict[] => (severity === 'warning' ? [] : [severity]));
	return {
		verdict: worstVerdict(['passed', ...serious]),
		violations,
		counts: Object.fromEntries(
			[...counts].flatMap(([table, { value }]) => (value === undefined ? [] : [[table, value]])),
		),
		checked:
			assertions.length +
			structure.orphans.length +
			structure.checksBroken.length +
			structure.sequences.length +
			(structure.indexChecks?.length ?? 0) +
			counts.size,
		amcheck: structure.indexChecks === null ? 'not-installed' : 'checked',
	};
}

function assessStructure(structure: StructureFacts): Violation[] {
	return [
		...structure.constraintsNotValid.map((name) =>
			violation('constraint-not-valid', 'warning', name, 'was never validated against the rows that were there'),
		),
		...structure.orphans.flatMap(({ constraint, count }) =>
			assessCount('orphaned-rows', constraint, count, 'rows refer to something that is not there'),
		),
		...structure.checksBroken.flatMap(({ constraint, count }) =>
			assessCount('check-violated', constraint, count, 'rows break the constraint'),
		),
		...structure.sequences.flatMap(({ column, behind }) =>
			behind.value === undefined
				? [unmeasured('sequence-behind', column, behind)]
				: behind.value
					? [violation('sequence-behind', 'failed', column, 'has values that its sequence will give again')]
					: [],
		),
		...structure.invalidIndexes.map((name) =>
			violation('invalid-index', 'failed', name, 'is not used by Postgres, and dumps leave it out'),
		),
		...(structure.indexChecks ?? []).flatMap(({ index, sound }) =>
			sound.value === undefined ? [unmeasured('corrupt-index', index, sound)] : [],
		),
	];
}

function assessCounts({ counts, before }: IntegrityFacts, { largestLoss }: IntegrityLimits): Violation[] {
	const unread = [...counts].flatMap(([table, count]) =>
		count.value === undefined ? [unmeasured('count', table, count)] : [],
	);
	const compared = Object.entries(before?.counts ?? {}).flatMap(([table, was]) => {
		const now = counts.get(table);
		if (now === undefined) return [violation('table-missing', 'failed', table, `is gone, and had ${was} rows`)];
		if (now.value === undefined || now.value >= was * (1 - largestLoss)) return [];
		return [violation('rows-lost', 'failed', table, `has ${now.value} rows, and had ${was} before`)];
	});
	return [...unread, ...compared];
}

function assessCount(check: CheckName, name: string, count: Measured<number>, text: string): Violation[] {
	if (count.value === undefined) return [unmeasured(check, name, count)];
	return count.value === 0 ? [] : [violation(check, 'failed', name, `${count.value} ${text}`)];
}

function unmeasured(check: CheckName, name: string, { problem, isDamage }: Measured<unknown>): Violation {
	return violation(
		check,
		isDamage === true ? 'failed' : 'inconclusive',
		name,
		`could not be checked: ${problem ?? ''}`,
	);
}

function violation(check: CheckName, severity: Violation['severity'], name: string, text: string): Violation {
	return { check, severity, name, text: `${name}: ${text}` };
}
