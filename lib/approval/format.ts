/** Numbers and names as people read them: the same on the card, in mails and in tests, whatever the machine's language. */

const ACRONYMS: Readonly<Record<string, string>> = { http: 'HTTP', postgres: 'Postgres', redis: 'Redis', cpu: 'CPU' };

/** `1.1/check-http` → `Check HTTP`; `gate-1/approval` → `Gate 1`. */
export function titleOf(stepKey: string): string {
	const gate = /^gate-(\d+)\//.exec(stepKey)?.[1];
	if (gate !== undefined) return `Gate ${gate}`;
	const words = (stepKey.split('/').at(-1) ?? stepKey).split('-').map((word) => ACRONYMS[word] ?? word);
	const name = words.join(' ');
	return name.charAt(0).toUpperCase() + name.slice(1);
}

/** A measured number in the unit that its metric's name tells: shares in per cent, times in milliseconds or seconds. */
export function formatMeasurement(metric: string, value: number): string {
	if (/health/i.test(metric) && (value === 0 || value === 1)) return value === 1 ? 'healthy' : 'failing';
	if (/time|seconds|duration|latency/i.test(metric))
		return value < 1 ? `${trim(value * 1000, 0)} ms` : `${trim(value, 2)} s`;
	if (/rate|ratio|share|cpu|memory/i.test(metric)) return `${trim(value * 100, 2)} %`;
	return trim(value, 3);
}

/** 182344 → `182,344`. */
export function formatCount(count: number): string {
	return new Intl.NumberFormat('en-GB').format(count);
}

/** 1 536 000 → `1.5 MB`. */
export function formatBytes(bytes: number): string {
	const units = ['B', 'kB', 'MB', 'GB', 'TB'];
	const power = Math.min(units.length - 1, bytes < 1000 ? 0 : Math.floor(Math.log10(bytes) / 3));
	return `${trim(bytes / 1000 ** power, power === 0 ? 0 : 1)} ${units[power] ?? 'B'}`;
}

/** `23 Nov 2026, 20:00 UTC`. */
export function formatTime(time: Date): string {
	const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' });
	return `${day.format(time)}, ${time.toISOString().slice(11, 16)} UTC`;
}

/** `about 40 seconds`, `about 3 minutes`. */
export function formatDuration(durationMs: number): string {
	const seconds = Math.max(1, Math.round(durationMs / 1000));
	if (seconds < 90) return `about ${seconds} second${seconds === 1 ? '' : 's'}`;
	return `about ${Math.round(seconds / 60)} minutes`;
}

/** The first characters of an image's digest, or its tag. */
export function shortImage(image: string): string {
	const digest = /@sha256:([0-9a-f]{12})/.exec(image)?.[1];
	if (digest !== undefined) return digest;
	const tag = image.slice(image.lastIndexOf('/') + 1).split(':')[1];
	return tag ?? image;
}

function trim(value: number, digits: number): string {
	return String(Number(value.toFixed(digits)));
}
