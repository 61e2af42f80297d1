const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** A duration for people, in its two largest units: `850 ms`, `12.4 s`, `3 min 05 s`, `2 h 10 min`. */
export function describeDuration(durationMs: number): string {
	const sign = durationMs < 0 ? '−' : '';
	const ms = Math.abs(durationMs);
	if (ms === 0) return '0 s';
	if (ms < SECOND_MS) return `${sign}${Math.round(ms)} ms`;
	if (ms < MINUTE_MS - 50) return `${sign}${(ms / SECOND_MS).toFixed(1).replace(/\.0$/, '')} s`;
	const seconds = Math.round(ms / SECOND_MS);
	if (seconds < HOUR_MS / SECOND_MS) return `${sign}${Math.floor(seconds / 60)} min ${pad(seconds % 60)} s`;
	const minutes = Math.round(ms / MINUTE_MS);
	return `${sign}${Math.floor(minutes / 60)} h ${pad(minutes % 60)} min`;
}

/** A share of 1 as a percentage of at most three digits behind the point. */
export function describeShare(share: number): string {
	return `${trimmed(share * 100)} %`;
}

/** Seconds as seconds or milliseconds, whichever reads better. */
export function describeSeconds(seconds: number): string {
	return Math.abs(seconds) < 1 ? `${trimmed(seconds * 1000)} ms` : `${trimmed(seconds)} s`;
}

export function describeBytes(bytes: number): string {
	const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
	const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
	return `${trimmed(bytes / 1024 ** power)} ${units[power] ?? ''}`;
}

/** The title of a step, gate or phase from its key: `1.2/verify-backup` → `Verify backup`. */
export function describeKey(key: string): string {
	const [group = '', name] = key.split('/');
	if (name === 'approval') return describeKey(group);
	const words = (name ?? group).replaceAll('-', ' ').trim();
	return words === '' ? key : words.charAt(0).toUpperCase() + words.slice(1);
}

/** The title of a phase from its name: `phase-1-pre-deployment` → `Phase 1: pre-deployment`. */
export function describePhase(name: string): string {
	const [, number, words] = /^phase-(\d+)-(.+)$/.exec(name) ?? [];
	return number === undefined || words === undefined ? describeKey(name) : `Phase ${number}: ${words}`;
}

/** One thing or many: `1 check`, `3 checks`. */
export function describeCount(count: number, noun: string): string {
	return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}

function trimmed(value: number): string {
	const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : Math.abs(value) >= 1 ? 2 : 3;
	return String(Number(value.toFixed(digits)));
}

function pad(value: number): string {
	return String(value).padStart(2, '0');
}
