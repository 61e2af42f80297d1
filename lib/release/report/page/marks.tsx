import type { JSX } from 'preact';
import { describeDuration } from '../describeText';
import type { Json, StepState } from '../model';

const SIGNS: Readonly<Record<StepState, string>> = { passed: '✓', failed: '✕', inconclusive: '?', started: '…' };

/** A verdict as sign and word; a state of another vocabulary under its own word. */
export function Badge({ state, word }: { readonly state: StepState | null; readonly word?: string }): JSX.Element {
	if (state === null) return <span class="badge is-none">{word ?? 'not judged'}</span>;
	return (
		<span class={`badge is-${state}`}>
			<span aria-hidden="true">{SIGNS[state]} </span>
			{word ?? state}
		</span>
	);
}

/** An instant, readable and for machines: `2026-11-23 14:02:11 UTC`. */
export function Instant({ at, short = false }: { readonly at: string; readonly short?: boolean }): JSX.Element {
	const text = short ? at.slice(11, 19) : `${at.slice(0, 10)} ${at.slice(11, 19)} UTC`;
	return (
		<time class="nowrap" dateTime={at}>
			{text}
		</time>
	);
}

/** Time since the release began, with its sign: `+3 min 05 s`. */
export function describeOffset(offsetMs: number): string {
	return offsetMs < 0 ? describeDuration(offsetMs) : `+${describeDuration(offsetMs)}`;
}

/** A record as it is, folded; nothing for an empty one. */
export function Folded({ title, value }: { readonly title: string; readonly value: Json }): JSX.Element | null {
	if (value === null || (typeof value === 'object' && Object.keys(value).length === 0)) return null;
	return (
		<details>
			<summary>{title}</summary>
			<pre>{JSON.stringify(value, null, 2)}</pre>
		</details>
	);
}
