import type { PodScrape, Sample, ScrapeRound } from './model';
import { seriesKey, showSeries } from './parseExposition';

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
	/** A counter that a pod showed before and shows no longer, in words; undefined when there is none. */
	readonly lost: string | undefined;
}

/** What the wanted counters stood at when they were last read; plain data, so that another process can go on from it. */
export interface CounterReadings {
	/** By the pod's id, then by series; null for a pod that was there and never readable. */
	readonly pods: Readonly<Record<string, Readonly<Record<string, number>> | null>>;
}

/** Far more than are alive at once; ids of pods that are gone never return. */
const REMEMBERED_PODS = 500;

type ReadScrape = Extract<PodScrape, { outcome: 'read' }>;
type PodIncrease = Pick<RoundIncrease, 'series' | 'lost'>;

/** Counts from round to round, and tells what another count could go on from. */
export interface CounterIncreases {
	add(round: ScrapeRound): RoundIncrease;
	readings(): CounterReadings;
}

/**
 * Counts what the wanted counters rise by from round to round, per pod. A value lower than before is a restart: it counts from 0.
 * A series that a known pod shows for the first time, and a pod that was not there in the rounds before, count from 0 too. A pod
 * that was there but never readable begins at its first reading, or its whole life would look like one burst; so would a pod that is
 * listed again, or a series that is shown again, after it was not, were it forgotten. `earlier`: readings to go on from; absent, the first round is where counting begins.
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

	function increasesOf({ target, samples }: ReadScrape): PodIncrease | undefined {
		const wanted = samples.filter(isWanted);
		const isNew = listedBefore && !known.has(target.id);
		const before = known.get(target.id) ?? (isNew ? {} : undefined);
		const now = Object.fromEntries(wanted.map((sample) => [seriesKey(sample), sample.value]));
		const restarted =
			before !== undefined && Object.entries(now).some(([key, value]) => value < (before[key] ?? 0));
		remember(target.id, restarted ? now : { ...before, ...now });
		if (before === undefined) return undefined;
		const series = wanted.map((sample) => ({
			pod: target.name,
			labels: sample.labels,
			increase: rise(before[seriesKey(sample)] ?? 0, sample.value),
		}));
		// A process that has begun anew may have counted nothing yet; one that goes on counting takes no counter back.
		const lost = restarted || wanted.length === 0 ? undefined : Object.keys(before).find((key) => !(key in now));
		return {
			series,
			lost: lost === undefined ? undefined : `${target.name}: the counter ${showSeries(lost)} is there no longer`,
		};
	}

	return {
		add: (round) => {
			const compared = round.pods.map((pod) => (pod.outcome === 'read' ? increasesOf(pod) : undefined));
			for (const { target } of round.pods) remember(target.id, known.get(target.id) ?? null);
			listedBefore ||= round.listFailure === undefined;
			return {
				comparable: compared.some((pod) => pod !== undefined),
				series: compared.flatMap((pod) => pod?.series ?? []),
				lost: compared.find((pod) => pod?.lost !== undefined)?.lost,
			};
		},
		readings: () => ({ pods: Object.fromEntries(known) }),
	};
}

function rise(before: number, now: number): number {
	return now < before ? now : now - before;
}
