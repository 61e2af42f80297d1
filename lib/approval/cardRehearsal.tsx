import type { VNode } from 'preact';
import { formatBytes, formatCount, formatMeasurement } from './format';
import type { ShownRehearsal } from './model';

/** A card shows the longest locks; the report has them all. */
const MOST_LOCKS = 3;

/** What one migration did on a copy of production's data. */
export function Rehearsed({ rehearsal }: { readonly rehearsal: ShownRehearsal | undefined }): VNode {
	if (rehearsal === undefined) return <p class="small">It was not rehearsed.</p>;
	const { durationMs, atLeastMs, failure, locks, rewritten, growthBytes } = rehearsal;
	return (
		<>
			<p class="small">
				{failure === '' ? <b>rehearsed</b> : <b>its rehearsal failed: {failure}</b>}
				{` in ${time(durationMs)} on a copy; production takes at least ${time(atLeastMs)}`}
				{growthBytes > 0 ? `; ${formatBytes(growthBytes)} more` : ''}
			</p>
			{locks.slice(0, MOST_LOCKS).map(({ table, lock, heldMs }) => (
				<p class="soft small">
					{table}: {lock}, held for {time(heldMs)}
				</p>
			))}
			{rewritten.map(({ table, rows, bytes }) => (
				<p class="soft small">
					{table}: {formatCount(rows)} rows written anew · {formatBytes(bytes)}
				</p>
			))}
		</>
	);
}

function time(durationMs: number): string {
	return formatMeasurement('duration', durationMs / 1000);
}
