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

/**
 * Counts what the wanted counters rise by from round to round, per pod. A value lower than before is a restart: it counts from 0.
 * A series that a known pod shows for the first time, and a pod that was not there in the rounds before, count from 0 too. A pod
 * that was there but never readable begins at its first reading, or its whole life would look like one burst.
 */
export function createCounterIncreases(isWanted: (sample: Sample) => boolean): (round: ScrapeRound) => RoundIncrease {
	const last = new Map<string, ReadonlyMap<string, number>>();
	const seen = new Set<string>();
	let listedBefore = false;

	function increasesOf({ target, samples }: Extract<PodScrape, { outcome: 'read' }>): SeriesIncrease[] | undefined {
		const wanted = samples.filter((sample) => isWanted(sample) && Number.isFinite(sample.value));
		const isNew = listedBefore && !seen.has(target.id);
		const before = last.get(target.id) ?? (isNew ? new Map<string, number>() : undefined);
		last.set(target.id, new Map(wanted.map((sample) => [seriesKey(sample), sample.value])));
		return (
			before &&
			wanted.map((sample) => ({
				pod: target.name,
				labels: sample.labels,
				increase: rise(before.get(seriesKey(sample)) ?? 0, sample.value),
			}))
		);
	}

	return (round) => {
		const compared = round.pods.map((pod) => (pod.outcome === 'read' ? increasesOf(pod) : undefined));
		for (const { target } of round.pods) seen.add(target.id);
		listedBefore ||= round.listFailure === undefined;
		return {
			comparable: compared.some((series) => series !== undefined),
			series: compared.flatMap((series) => series ?? []),
		};
	};
}

function rise(before: number, now: number): number {
	return now < before ? now : now - before;
}
