import { createHash } from 'node:crypto';
import type { LedgerEvent } from '../ledger';
import { objectOf } from './jsonFields';
import type { Json } from '../model';

export interface ChainVerdict {
	readonly verified: boolean;
	/** The first link that does not fit; null when all do, and when there is none. */
	readonly broken: { readonly sequence: number; readonly problem: string } | null;
}

/**
 * Computes every link of a release's chain anew: SHA-256 over the previous hash, a line feed, and the payload. A chain without links
 * proves nothing. What it cannot see is a chain cut off at its end: for that, compare its last hash with that of an earlier report.
 */
export function verifyChain(events: readonly LedgerEvent[]): ChainVerdict {
	let previous = '';
	for (const [index, event] of events.entries()) {
		const problem = findProblem(event, { previous, expected: index + 1 });
		if (problem !== undefined) return { verified: false, broken: { sequence: event.sequence, problem } };
		previous = event.hash;
	}
	return { verified: events.length > 0, broken: null };
}

function findProblem(
	event: LedgerEvent,
	{ previous, expected }: { previous: string; expected: number },
): string | undefined {
	if (event.sequence !== expected) return `link ${expected} is missing`;
	if (createHash('sha256').update(`${previous}\n${event.payload}`, 'utf8').digest('hex') !== event.hash)
		return 'its hash is not that of its content and the link before';
	const content = parse(event.payload);
	if (content.sequence !== event.sequence || content.kind !== event.kind)
		return 'its number or kind is not the one that was hashed';
	return undefined;
}

function parse(payload: string): ReturnType<typeof objectOf> {
	try {
		return objectOf(JSON.parse(payload) as Json);
	} catch {
		return {};
	}
}
