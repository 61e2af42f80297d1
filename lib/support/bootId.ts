import { readFileSync } from 'node:fs';

let known: string | undefined;

/** Which boot of this host CLOCK_MONOTONIC counts from (Linux); empty where the system does not tell. */
export function bootId(): string {
	known ??= read();
	return known;
}

function read(): string {
	try {
		return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
	} catch {
		return '';
	}
}
