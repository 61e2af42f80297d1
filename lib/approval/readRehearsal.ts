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
	}));
}

function field(migration: Json, name: string): readonly Json[] {
	return listOf(asObject(migration)[name]);
}
