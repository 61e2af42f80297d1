import type { Json, StepRecord } from '../release/model';
import type { ShownRehearsal } from './model';
import { asObject, listOf, number, text } from './stepResults';

/** What a rehearsal step saw; empty without one. */
export function readRehearsal(step: StepRecord | undefined): ShownRehearsal[] {
	const { migrations } = asObject(step?.result ?? null);
	return listOf(migrations).map((migration) => ({
		name: text(migration, 'name'),
		durationMs: number(migration, 'durationMs'),
		atLeastMs: number(migration, 'atLeastMs'),
		failure: text(migration, 'failure'),
		locks: field(migration, 'locks').map((one) => ({
			table: text(one, 'table'),
			lock: text(one, 'lock'),
			heldMs: number(one, 'heldMs'),
		})),
		rewritten: field(migration, 'rewritten').map((one) => ({
			table: text(one, 'table'),
			rows: number(one, 'rows'),
			bytes: number(one, 'bytes'),
		})),
		growthBytes: number(migration, 'growthBytes'),
		down: readDown(asObject(migration).down ?? null),
	}));
}

function readDown(down: Json): ShownRehearsal['down'] {
	if (text(down, 'state') === '') return null;
	const { differences, dropsData } = asObject(down);
	return { state: text(down, 'state'), differences: listOf(differences).map(String), dropsData: dropsData === true };
}

function field(migration: Json, name: string): readonly Json[] {
	return listOf(asObject(migration)[name]);
}
