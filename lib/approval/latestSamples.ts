import type { Sample } from '../release/model';

/** The newest sample of each metric and target, by name. */
export function latestSamples(samples: readonly Sample[]): Sample[] {
	const newest = new Map<string, Sample>();
	for (const sample of samples) {
		const key = `${sample.metric} ${sample.target}`;
		const known = newest.get(key);
		if (!known || known.takenAt <= sample.takenAt) newest.set(key, sample);
	}
	return [...newest.entries()].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, sample]) => sample);
}
