import type { HttpTarget } from '../../lib/health/model';
import { sampleHttp, type HttpSample } from '../../lib/health/sampleHttp';
import type { CounterReadings } from '../../lib/metrics/counterIncreases';
import { lookAtErrorRate, type ErrorRateLook } from '../../lib/metrics/lookAtErrorRate';
import { createPodProxyScraper } from '../../lib/metrics/podProxy.client';
import type { PodScraper } from '../../lib/metrics/podScraper';
import { createUrlScraper } from '../../lib/metrics/url.client';
import type { Json, Sample } from '../../lib/release/model';
import type { SignalLook } from '../../lib/release/watchStore';
import type { Clock } from '../../lib/support/clock';
import type { ClusterAccess } from '../../lib/support/clusterAccess';
import type { Measurement } from '../../lib/watch/lookAround';
import { takeSample } from '../shared/takeSample';
import type { EnvironmentSettings, MetricsSource } from './environmentSettings';

export interface MeasureOptions {
	/** The way to the cluster; asked only where pods are measured. */
	openCluster(): Promise<ClusterAccess>;
	readonly clock: Clock;
	readonly signal: AbortSignal;
}

/** Looks at one environment: every health target once, every pod's counters once. @throws RunbookError METRICS.CLUSTER_REFUSED, CLUSTER_ANSWER; the signal's reason */
export async function measureEnvironment(
	{ targets, canary, metrics, timeoutMs }: EnvironmentSettings,
	counters: Json,
	{ openCluster, clock, signal }: MeasureOptions,
): Promise<Measurement> {
	const common = { timeoutMs, clock, signal };
	const scraper = await openScraper(metrics, openCluster);
	try {
		const [health, errorRate] = await Promise.all([
			sampleHttp(targets, { ...common, ...(canary ? { canary } : {}), followRedirects: false, headers: {} }),
			lookAtErrorRate(scraper, {
				...common,
				...metrics,
				earlier: (counters as CounterReadings | null) ?? undefined,
			}),
		]);
		const counted = Array.isArray(metrics.from) ? believeCanary(errorRate, health) : errorRate;
		return {
			signals: { health: healthLook(targets, health), 'error-rate': errorRateLook(counted) },
			counters: (errorRate.readings as Json | undefined) ?? null,
			samples: [
				...targets.map((target, index) => healthSample(clock, target, health.probes[index])),
				errorRateSample(clock, scraper.description, counted),
			],
		};
	} finally {
		await scraper.close();
	}
}

async function openScraper({ from }: MetricsSource, openCluster: MeasureOptions['openCluster']): Promise<PodScraper> {
	return 'podSelector' in from
		? await createPodProxyScraper(await openCluster(), from)
		: await createUrlScraper(from);
}

/** One target that failed makes the look a bad one: each of them is critical. */
function healthLook(targets: readonly HttpTarget[], { outcome, probes }: HttpSample): SignalLook {
	const bad = probes.filter((probe) => probe.outcome !== 'ok');
	const problem = probes
		.flatMap((probe, index) => (probe.outcome === 'ok' ? [] : [`${targets[index]?.name ?? ''}: ${probe.reason}`]))
		.join('; ');
	const state = outcome === 'gap' ? 'gap' : 'measured';
	return { state, total: targets.length, bad: bad.length, problem };
}

/** Pages that are read over the network: when the canary is silent too, that none answers says nothing of them. An API that lists the pods is proof enough. */
function believeCanary(look: ErrorRateLook, { canaryAnswered }: HttpSample): ErrorRateLook {
	if (look.round.state !== 'unavailable' || canaryAnswered !== false) return look;
	return {
		...look,
		round: { state: 'gap', reason: `the canary target did not answer either: ${look.round.reason}` },
	};
}

function errorRateLook({ round, comparable, requests, errors }: ErrorRateLook): SignalLook {
	if (round.state !== 'measured') return { state: round.state, total: 0, bad: 0, problem: round.reason };
	if (!comparable) return { state: 'gap', total: 0, bad: 0, problem: 'counting begins with this look' };
	const { unread } = round;
	return {
		state: 'measured',
		total: requests,
		bad: errors,
		problem: unread ?? '',
		...(unread === undefined ? {} : { partial: true }),
	};
}

function healthSample(clock: Clock, { name }: HttpTarget, probe: HttpSample['probes'][number] | undefined): Sample {
	const value = probe === undefined || probe.outcome === 'gap' ? null : probe.outcome === 'ok' ? 1 : 0;
	const problem = value === 1 ? '' : (probe?.reason ?? 'not probed');
	return takeSample(clock, { metric: 'health', target: name, value, problem });
}

function errorRateSample(clock: Clock, target: string, look: ErrorRateLook): Sample {
	const { state, total, bad, problem } = errorRateLook(look);
	const value = state === 'measured' && total > 0 ? bad / total : null;
	return takeSample(clock, {
		metric: 'error-rate',
		target,
		value,
		problem: value === null ? problem || 'no requests' : '',
	});
}
