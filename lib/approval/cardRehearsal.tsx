import type { VNode } from 'preact';
import { formatBytes, formatCount, formatMeasurement } from './format';
import type { ShownRehearsal } from './model';

/** A card shows the longest locks; the report has them all. */
const MOST_LOCKS = 3;

/** What one migration did on a copy of production's data. */
export function Rehearsed({ rehearsal }: { readonly rehearsal: ShownRehearsal | undefined }): VNode {
	if (rehearsal === undefined) return <p class="small">It was not rehearsed.</p>;
	const { durationMs, atLeastMs, failure, locks, rewritten, growthBytes, down } = rehearsal;
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
			{down === null ? null : <Down down={down} />}
			{rewritten.map(({ table, rows, bytes }) => (
				<p class="soft small">
					{table}: {formatCount(rows)} rows written anew · {formatBytes(bytes)}
				</p>
			))}
		</>
	);
}

const DOWNS: Readonly<Record<string, string>> = {
	undoes: 'undid it on the copy, without a difference',
	differs: 'does not quite undo it',
	failed: 'failed on the copy',
	'not-tested': 'was not tried',
};

/** A way back by hand; nothing runs it by itself. */
function Down({
	down: { state, differences, dropsData },
}: {
	readonly down: NonNullable<ShownRehearsal['down']>;
}): VNode {
	return (
		<p class="small">
			its down.sql {DOWNS[state] ?? state}
			{differences.length === 0 ? '' : `: ${differences.join('; ')}`}
			{dropsData ? '. It takes data away' : ''}
		</p>
	);
}

function time(durationMs: number): string {
	return formatMeasurement('duration', durationMs / 1000);
}
