import type { RecordedConfiguration } from './model';

/**
 * How the configuration differs from the recorded one, in words; empty when it does not, or when none was recorded. What only one of
 * the two could read is not compared.
 */
export function compareConfiguration(
	deployment: string,
	recorded: RecordedConfiguration | undefined,
	now: RecordedConfiguration,
): string[] {
	if (recorded === undefined) return [];
	const missing = recorded.references.filter((entry) => !now.references.includes(entry));
	const added = now.references.filter((entry) => !recorded.references.includes(entry));
	const changed = Object.entries(recorded.versions)
		.filter(([entry, version]) => now.versions[entry] !== undefined && now.versions[entry] !== version)
		.map(([entry]) => entry);
	return [
		...missing.map((entry) => `${deployment} no longer uses ${entry}`),
		...added.map((entry) => `${deployment} uses ${entry}, which it did not`),
		...changed.map((entry) => `${entry} of ${deployment} was changed`),
		...(recorded.templateHash === now.templateHash
			? []
			: [`the pod template of ${deployment} was changed in more than its image`]),
	];
}
