import type { NamedDatabase, RestoreState, SwapNames } from './model';

/** How far a restore came, by the databases that exist under its three names. Whatever no run leaves behind is `unsure`. */
export function assessRestoreState(
	names: SwapNames,
	{ databases, restoreId }: { databases: readonly NamedDatabase[]; restoreId: string },
): RestoreState {
	const named = (name: string): NamedDatabase | undefined => databases.find((one) => one.name === name);
	const [live, restored, broken] = [named(names.live), named(names.restored), named(names.broken)];
	if (!live) return unsure(`there is no database ${names.live}`);
	if (restored && broken) return unsure(`both ${names.restored} and ${names.broken} exist`);
	if (broken) {
		const { note } = broken;
		if (note?.state !== 'replaced' || note.restoreId !== restoreId)
			return unsure(`${names.broken} was not replaced by this restore`);
		if (note.replacedBy !== live.oid)
			return unsure(`${names.live} (OID ${live.oid}) is not the database that replaced ${names.broken}`);
		return { kind: 'swapped', live, broken };
	}
	if (!restored) return { kind: 'not-begun', live };
	if (!restored.note)
		return restored.isOurs
			? { kind: 'unfinished', live, restored }
			: unsure(`${names.restored} belongs to ${restored.owner}`);
	if (restored.note.restoreId !== restoreId) return unsure(`${names.restored} was made by another restore`);
	if (restored.note.state !== 'restored')
		return unsure(`${names.restored} was live until it was swapped back; restore under another label`);
	return { kind: 'ready', live, restored };
}

function unsure(problem: string): RestoreState {
	return { kind: 'unsure', problem };
}
