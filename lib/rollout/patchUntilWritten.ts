import { setTimeout as delay } from 'node:timers/promises';
import { RunbookError } from '../support/runbookError';
import type { PatchOperation } from './cluster';

/** A patch tests what decided about it, which others write seldom; who meets more conflicts than this fights with somebody for the object. */
const ATTEMPTS = 5;
/** Longer with each attempt: 0.2 s in all. */
const PAUSE_MS = 20;
const RETRIED = ['ROLLOUT.TEST_FAILED', 'ROLLOUT.CONFLICT', 'ROLLOUT.UNREACHABLE'];

/**
 * Reads an object, decides a patch from what was read, and sends it; when the object changed in between, or the answer got lost,
 * reads and decides again. `decide` returns undefined once nothing is left to do, and throws when writing is no longer right.
 * Returns the object as it is at the end, and whether anything was written (`written` is also true for a write whose answer was lost).
 */
export async function patchUntilWritten<T>({
	read,
	decide,
	patch,
}: {
	read(): Promise<T>;
	decide(object: T): readonly PatchOperation[] | undefined;
	patch(operations: readonly PatchOperation[]): Promise<T>;
}): Promise<{ object: T; written: boolean }> {
	for (let attempt = 1; ; attempt += 1) {
		const object = await read();
		const operations = decide(object);
		if (operations === undefined) return { object, written: attempt > 1 };
		try {
			return { object: await patch(operations), written: true };
		} catch (error) {
			if (attempt >= ATTEMPTS || !(error instanceof RunbookError) || !RETRIED.includes(error.code)) throw error;
			await delay(PAUSE_MS * attempt);
		}
	}
}
