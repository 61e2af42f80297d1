import { z } from 'zod';
import { httpTargets } from '../../lib/health/httpTargets';
import type { HttpTarget } from '../../lib/health/model';
import { parseMatchers, type SeriesFilter } from '../../lib/metrics/parseMatchers';
import type { PodSelection } from '../../lib/metrics/podProxy.client';
import { thresholdPolicy } from '../../lib/metrics/policy';
import { signalRules } from '../../lib/metrics/signalRules';
import type { WatchedEnvironment } from '../../lib/watch/lookAround';

/** Where an environment's requests are counted. */
export interface MetricsSource {
	readonly from: PodSelection | readonly string[];
	readonly metric: string;
	readonly isCounted: SeriesFilter;
	readonly isError: SeriesFilter;
}

/** An environment with what is looked at. */
export interface EnvironmentSettings extends WatchedEnvironment {
	readonly targets: readonly HttpTarget[];
	/** An address outside of the environment; absent: none is asked. */
	readonly canary?: HttpTarget;
	readonly metrics: MetricsSource;
	/** Where its workloads run; empty: that of the credential. */
	readonly namespace: string;
	/** For one probe or scrape, in milliseconds. */
	readonly timeoutMs: number;
}

const metricsSchema = z
	.object({
		/** Every running pod of a label selector, through the Kubernetes API. */
		podSelector: z.string().default(''),
		port: z.union([z.string(), z.number()]).transform(String).default(''),
		path: z.string().default('/metrics'),
		/** Or one metrics page a process. */
		urls: z.array(z.string().url('must be an absolute URL')).default([]),
		requestsMetric: z.string().min(1, 'must not be empty').default('http_requests_total'),
		matchers: z.string().default(''),
		errorMatchers: z.string().min(1, 'must not be empty').default('status=~"5.."'),
	})
	.refine(({ podSelector, urls }) => (podSelector === '') !== (urls.length === 0), {
		message: 'give either podSelector or urls: otherwise nothing, or every pod, would be measured',
	});

/** The part of a configuration that the watch needs; the rest of it is others'. */
export const environmentSchema = z
	.object({
		environment: z.string().min(1, 'write the environment that this configuration deploys to, e.g. production'),
		namespace: z.string().default(''),
		healthTargets: httpTargets,
		canaryUrl: z.string().url('must be an absolute URL').optional(),
		metrics: metricsSchema,
		policy: thresholdPolicy,
		watchdog: z.object({ staleAfterSeconds: z.number().positive() }).default({ staleAfterSeconds: 60 }),
	})
	.transform(
		({ environment, namespace, healthTargets, canaryUrl, metrics, policy, watchdog }): EnvironmentSettings => {
			const { podSelector, port, path, urls, requestsMetric, matchers, errorMatchers } = metrics;
			const [canary] =
				canaryUrl === undefined ? [] : httpTargets.parse([{ name: 'canary', url: canaryUrl, allowHtml: true }]);
			return {
				name: environment,
				namespace,
				rules: signalRules(policy),
				staleAfterMs: watchdog.staleAfterSeconds * 1000,
				answerWithinMs: policy.watch.answerWithinSeconds * 1000,
				// Once more as long as it was to be watched.
				giveUpAfterMs: policy.watch.windowSeconds * 1000,
				targets: healthTargets,
				...(canary ? { canary } : {}),
				metrics: {
					from: urls.length > 0 ? urls : { namespace, podSelector, port, path },
					metric: requestsMetric,
					isCounted: parseMatchers(matchers, 'metrics.matchers'),
					isError: parseMatchers(errorMatchers, 'metrics.errorMatchers'),
				},
				// A look must be over before the next one begins.
				timeoutMs: (policy.watch.intervalSeconds * 1000) / 3,
			};
		},
	);

export const environmentsSchema = z
	.array(environmentSchema)
	.min(1, 'there is no environment: nothing would be watched')
	.refine((all) => new Set(all.map(({ name }) => name)).size === all.length, 'an environment is named twice');

export const SETTINGS_REMEDY = 'Correct this field in the node Settings of the configuration workflow';
