import type { PodScrape, Sample, ScrapeRound } from './model';
import { seriesKey } from './parseExposition';

/** What one series of one pod rose by since the round before. */
export interface SeriesIncrease {
	readonly pod: string;
	readonly labels: Sample['labels'];
	readonly increase: number;
}

/** What one round adds: nothing for the first one, which is only where counting begins. */
export interface RoundIncrease {
	/** False while there is no earlier reading to compare with. */
	readonly comparable: boolean;
	readonly series: readonly SeriesIncrease[];
}

/** What the wanted counters stood at when they were last read; plain data, so that another process can go on from it. */
export interface CounterReadings {
	/** By the pod's id, then by series; null for a pod that was there and never readable. */
	readonly pods: Readonly<Record<string, Readonly<Record<string, number>> | null>>;
}

/** Far more than are alive at once; ids of pods that are gone never return. */
const REMEMBERED_PODS = 500;

/** Counts from round to round, and tells what another count could go on from. */
export interface CounterIncreases {
	add(round: ScrapeRound): RoundIncrease;
	readings(): CounterReadings;
}

/**
 * Counts what the wanted counters rise by from round to round, per pod. A value lower than before is a restart: it counts from 0.
 * A series that a known pod shows for the first time, and a pod that was not there in the rounds before, count from 0 too. A pod
 * that was there but never readable begins at its first reading, or its whole life would look like one burst; so would one that is
 * listed again after it was not, were it forgotten. `earlier`: readings to go on from; absent, the first round is where counting begins.
 */
export function createCounterIncreases(
	isWanted: (sample: Sample) => boolean,
	earlier?: CounterReadings,
): CounterIncreases {
	const known = new Map(Object.entries(earlier?.pods ?? {}));
	let listedBefore = earlier !== undefined;

	/** The latest last, and not without end. */
	function remember(id: string, readings: Readonly<Record<string, number>> | null): void {
		known.delete(id);
		known.set(id, readings);
		const [oldest] = known.keys();
		if (known.size > REMEMBERED_PODS && oldest !== undefined) known.delete(oldest);
	}

	function increasesOf({ target, samples }: Extract<PodScrape, { outcome: 'read' }>): SeriesIncrease[] | undefined {
		const wanted = samples.filter(isWanted);
		const isNew = listedBefore && !known.has(target.id);
		const before = known.get(target.id) ?? (isNew ? {} : undefined);
		remember(target.id, Object.fromEntries(wanted.map((sample) => [seriesKey(sample), sample.value])));
		return (
			before &&
			wanted.map((sample) => ({
				pod: target.name,
				labels: sample.labels,
				increase: rise(before[seriesKey(sample)] ?? 0, sample.value),
			}))
		);
	}

	return {
		add: (round) => {
			const compared = round.pods.map((pod) => (pod.outcome === 'read' ? increasesOf(pod) : undefined));
			for (const { target } of round.pods) remember(target.id, known.get(target.id) ?? null);
			listedBefore ||= round.listFailure === undefined;
			return {
				comparable: compared.some((series) => series !== undefined),
				series: compared.flatMap((series) => series ?? []),
			};
		},
		readings: () => ({ pods: Object.fromEntries(known) }),
	};
}

function rise(before: number, now: number): number {
	return now < before ? now : now - before;
}
