import type { StepRecord } from '../release/model';
import type { ShownMigrationRisk } from './model';
import { asObject, listOf, number, text } from './stepResults';

/** The risk card of a lint step; empty without one. */
export function readRisks(step: StepRecord | undefined): ShownMigrationRisk[] {
	const { migrations, heldBack } = asObject(step?.result ?? null);
	return listOf(migrations).map((migration) => ({
		heldBack: listOf(heldBack).includes(text(migration, 'name')),
		name: text(migration, 'name'),
		phase: text(migration, 'phase'),
		declared: text(migration, 'declared') !== '',
		risks: listOf(asObject(migration).risks).map((risk) => ({
			line: number(risk, 'line'),
			text: text(risk, 'text'),
			table: text(risk, 'table'),
			lock: text(risk, 'lock'),
			work: text(risk, 'work'),
			tableBytes: asObject(risk).tableBytes === null ? null : number(risk, 'tableBytes'),
		})),
	}));
}
