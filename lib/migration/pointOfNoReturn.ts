/**
 * What going back would lose once migrations were applied: only a restore brings the old schema back. Undefined when none was.
 * `backupId`: the verified backup of the release; undefined when there is none.
 */
export function pointOfNoReturn(
	applied: readonly string[],
	backupId: string | undefined,
): { readonly reason: string } | undefined {
	if (applied.length === 0) return undefined;
	const moved = `The schema of the database moved on (${applied.join(', ')})`;
	if (backupId === undefined) return { reason: `${moved}, and there is no verified backup to go back to` };
	const time = backupTime(backupId);
	const backup = time === undefined ? `The backup ${backupId}` : `The backup ${backupId} of ${time}`;
	return { reason: `${moved}. ${backup} is the way back to the old schema, and loses whatever was written since` };
}

/** `20261123T064012Z-…` begins with its time. */
function backupTime(backupId: string): string | undefined {
	const parts = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z-/.exec(backupId);
	if (!parts) return undefined;
	const [, year, month, day, hour, minute, second] = parts;
	return `${year}-${month}-${day}T${hour}:${minute}:${second}Z`;
}
