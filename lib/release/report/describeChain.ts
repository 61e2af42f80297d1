import { isDeepStrictEqual } from 'node:util';
import type { Json } from '../model';
import { objectOf, textOf, type JsonObject } from './jsonFields';
import type { ChainReport, ReleaseFacts } from './model';
import { detailOf } from './readReleaseFacts';
import { verifyChain } from './verifyChain';

/** So much of the events' content goes along; beyond it only the hashes do. In characters. */
const PAYLOAD_LIMIT = 8_000_000;

/** The chain with its verdict, and what the rows say that its last links do not. */
export function describeChain(facts: ReleaseFacts): { chain: ChainReport; omissions: string[] } {
	const { events, moving } = facts;
	let characters = 0;
	let left = 0;
	const links = events.map(({ sequence, at, kind, hash, payload }) => {
		characters += payload.length;
		if (characters > PAYLOAD_LIMIT) left += 1;
		return { sequence, at: at.toISOString(), kind, hash, payload: characters > PAYLOAD_LIMIT ? null : payload };
	});
	const chain = {
		...verifyChain(events),
		links: events.length,
		firstHash: events[0]?.hash ?? '',
		lastHash: events.at(-1)?.hash ?? '',
		differences: moving || events.length === 0 ? [] : findDifferences(facts),
		events: links,
	};
	return {
		chain,
		omissions: [
			...(left > 0
				? [
						`The content of the last ${left} links of the hash chain was left out for its size; their hashes are there.`,
					]
				: []),
			...(moving ? ['The ledger was being written to, so its rows were not compared with the hash chain.'] : []),
		],
	};
}

/** A row that was changed while the triggers were off differs from the last link about it. */
function findDifferences({ release, steps, gates, events }: ReleaseFacts): string[] {
	const last = new Map<string, JsonObject>();
	for (const { kind, payload } of events) {
		const row = objectOf(detailOf(payload));
		last.set(rowKey(kind.split('.')[0] ?? '', row), row);
	}
	const found: string[] = [];
	compare('release', { id: release.id }, `release ${release.id}`, {
		state: release.state,
		version: release.version,
		commit: release.commit,
		started_by: release.startedBy,
		images: release.images as unknown as Json,
		reason: release.reason,
	});
	for (const { stepKey, itemKey, state, inputHash, attempts, result, evidence, inverse, error } of steps) {
		// That a watch began again is not chained either.
		if (stepKey.startsWith('watch/') && state === 'started') continue;
		const row = { state, input_hash: inputHash, attempts, result, evidence, inverse, error };
		compare(
			'step',
			{ step_key: stepKey, item_key: itemKey },
			`step ${stepKey}${itemKey === '' ? '' : ` (${itemKey})`}`,
			row,
		);
	}
	for (const { gate, votes } of gates) {
		const row = { state: gate.state, quorum: gate.quorum, evidence_hash: gate.evidenceHash, reason: gate.reason };
		compare('gate', { gate: gate.gate }, `gate ${gate.gate}`, row);
		for (const { approver, nonce, decision, comment, evidenceHash } of votes)
			compare('vote', { gate: gate.gate, approver, nonce }, `vote of ${approver} at ${gate.gate}`, {
				decision,
				comment,
				evidence_hash: evidenceHash,
			});
	}
	return found;

	function compare(table: string, key: JsonObject, name: string, row: Readonly<Record<string, Json>>): void {
		const link = last.get(rowKey(table, key));
		if (!link) {
			found.push(`${name} is in no link of the chain`);
			return;
		}
		// A link may leave columns out: what a watch found while all was well is not chained.
		const changed = Object.entries(row).filter(
			([column, value]) => column in link && !isDeepStrictEqual(link[column] ?? null, value ?? null),
		);
		if (changed.length > 0)
			found.push(`${name} differs from its last link in ${changed.map(([column]) => column).join(', ')}`);
	}
}

function rowKey(table: string, row: JsonObject): string {
	const columns =
		{ release: ['id'], step: ['step_key', 'item_key'], gate: ['gate'], vote: ['gate', 'approver', 'nonce'] }[
			table
		] ?? [];
	return JSON.stringify([table, ...columns.map((column) => textOf(row[column]))]);
}
