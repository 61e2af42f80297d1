import { randomBytes } from 'node:crypto';

/** `scratch_`, two separators, the expiry (16) and the random part (8) leave this much of PostgreSQL's 63 bytes. */
const LABEL_LENGTH = 29;
const PATTERN = /^scratch_([a-z0-9_]{1,29})_(\d{4})(\d{2})(\d{2})t(\d{2})(\d{2})(\d{2})z_[0-9a-f]{8}$/;

/** What the name of a scratch database tells. */
export interface ScratchName {
	readonly name: string;
	/** The release, or without one the backup, in lower-case letters, digits and underscores; cut off when it is long. */
	readonly label: string;
	/** When it may be swept. */
	readonly expiresAt: Date;
}

/** `scratch_<release>_<expiry>_<random>`: two runs may verify one backup at the same time. */
export function scratchName(label: string, expiresAt: Date): string {
	const { label: readable } = scratchLabel(label);
	const expiry = expiresAt
		.toISOString()
		.toLowerCase()
		.replaceAll(/[-:]|\.\d+/g, '');
	return `scratch_${readable}_${expiry}_${randomBytes(4).toString('hex')}`;
}

/** How a release or backup is called in the name; not whole when it had to be cut off, so that others may be called the same. */
export function scratchLabel(id: string): { readonly label: string; readonly isWhole: boolean } {
	const readable = id.toLowerCase().replaceAll(/[^a-z0-9]+/g, '_');
	return { label: readable.slice(0, LABEL_LENGTH) || 'unnamed', isWhole: readable.length <= LABEL_LENGTH };
}

/** Undefined for every name that scratchName did not make. */
export function parseScratchName(name: string): ScratchName | undefined {
	const [, label, ...parts] = PATTERN.exec(name) ?? [];
	const [year, month, day, hour, minute, second] = parts;
	if (label === undefined) return undefined;
	const text = `${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`;
	const expiresAt = new Date(text);
	// A thirteenth month was not written by us.
	if (Number.isNaN(expiresAt.getTime()) || expiresAt.toISOString() !== text) return undefined;
	return { name, label, expiresAt };
}
