import { randomBytes } from 'node:crypto';

/** `20261123T064012Z-3f9a1c2b4d5e`: the time of the call (UTC, for people) and 48 random bits (for uniqueness). Made once per backup. */
export function createBackupId(now: Date): string {
	const time = now.toISOString().replaceAll(/[-:]|\.\d+/g, '');
	return `${time}-${randomBytes(6).toString('hex')}`;
}
