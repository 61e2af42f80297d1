import type { INodeProperties } from 'n8n-workflow';
import { z } from 'zod';
import { thresholdPolicy } from '../../lib/metrics/policy';
import { changeCalendarSchema } from '../../lib/release/calendar/changeCalendarSchema';
import { clockBudgetsSchema, DEFAULT_CLOCK_BUDGETS } from '../../lib/release/clock/clockBudgets';
import type { PlanPart } from '../../lib/release/ledger';
import type { Json } from '../../lib/release/model';
import { stepHash } from '../../lib/release/stepHash';
import type { ParameterReader } from '../shared/operation';
import { readJson } from '../shared/readJson';

const REMEDY = 'Correct this field in the node Settings of the configuration workflow';
const SECONDS = 'write seconds, from 15 to 86400 (a day)';
const seconds = z.number({ message: SECONDS }).min(15, SECONDS).max(86_400, SECONDS);

/** How a run that died is noticed, and what happens when nobody comes. */
const watchdogSchema = z
	.object({
		/** Silence of the heartbeat after which a run counts as dead. A beat comes every 5 seconds. */
		staleAfterSeconds: seconds,
		/** After that long a release that had switched traffic is rolled back without anybody's asking. */
		rollBackAfterSeconds: seconds,
	})
	.strict();
const DEFAULT_WATCHDOG = { staleAfterSeconds: 60, rollBackAfterSeconds: 600 };

/** Where a release's images run before production is asked for; that there is no such place has to be said. */
const stagingSchema = z.discriminatedUnion(
	'enabled',
	[
		z.object({ enabled: z.literal(false) }),
		z.object({
			enabled: z.literal(true),
			namespace: z.string().min(1, 'write the namespace of staging'),
			deployments: z.record(z.string(), { message: 'write the deployment of each workload' }),
			healthTargets: z.array(z.unknown(), { message: 'write the health addresses of staging' }).min(1),
			loginTargets: z.array(z.unknown(), { message: 'write the login address of staging' }).min(1),
		}),
	],
	{ message: 'write the staging environment, or { "enabled": false } when there is none: approvers are told so' },
);

/** Whose targets and alerts are looked at before a release; that there is none has to be said. */
const monitoringSchema = z.discriminatedUnion(
	'enabled',
	[
		z.object({ enabled: z.literal(false) }),
		z.object({
			enabled: z.literal(true),
			prometheusUrl: z.string().url('write the address of Prometheus'),
			alertmanagerUrl: z.string().url('write the address of Alertmanager'),
		}),
	],
	{
		message:
			'write where Prometheus and Alertmanager are, or { "enabled": false } when there is none: approvers are told so',
	},
);

/** Who audits the site after a release; that nobody does has to be said. */
const lighthouseSchema = z.discriminatedUnion(
	'enabled',
	[
		z.object({ enabled: z.literal(false) }),
		z.object({
			enabled: z.literal(true),
			auditUrl: z.string().url('write the address that answers as the PageSpeed Insights API does'),
			/** The least performance score, of 1. */
			atLeast: z.number().min(0).max(1, 'write the score as a share of 1, e.g. 0.95'),
			/** So many in a row decide: one varies by some points. */
			audits: z.number().int().min(1).max(10),
			/** True: a lower score is recorded only. False: it stops the release, and so takes it back. */
			dryRun: z.boolean({
				message: 'say whether a lower score is only recorded; otherwise it takes the release back',
			}),
		}),
	],
	{ message: 'write who audits the site with Lighthouse, or { "enabled": false } when nobody does' },
);

/** The part of the configuration that the Release node needs; checked as a whole before anything is touched. */
const settingsSchema = z.object({
	environment: z.string().min(1, 'write the environment that this configuration deploys to, e.g. production'),
	workloads: z
		.array(
			z.object({
				service: z.string(),
				repository: z.string().includes('/', { message: 'write the repository with its registry host' }),
			}),
			{ message: 'write the release set, each with a service and a repository' },
		)
		.min(1, 'write at least one workload'),
	staging: stagingSchema,
	monitoring: monitoringSchema,
	lighthouse: lighthouseSchema,
	policy: thresholdPolicy,
	changeCalendar: changeCalendarSchema.default([]),
	clocks: clockBudgetsSchema.default(DEFAULT_CLOCK_BUDGETS),
	watchdog: watchdogSchema.default(DEFAULT_WATCHDOG),
});

export type Settings = Readonly<z.infer<typeof settingsSchema>>;

/** The field that holds the configuration workflow's settings. */
export const configurationField: INodeProperties = {
	displayName: 'Configuration',
	name: 'configuration',
	type: 'json',
	default: "={{ $('Configuration').first().json }}",
	required: true,
	description:
		'The settings of the configuration workflow: environment, workloads, thresholds, change calendar, clocks. They are checked as a whole.',
};

/** @throws RunbookError PARAMETER.INVALID naming the field and what to write */
export function readSettings(context: ParameterReader, itemIndex: number): Settings {
	return readJson(context, { itemIndex, name: 'configuration', schema: settingsSchema, remedy: REMEDY });
}

/** The whole configuration as one part of a release's plan: also what only other nodes read. */
export function configurationPart(context: ParameterReader, itemIndex: number): PlanPart {
	const whole = readJson(context, {
		itemIndex,
		name: 'configuration',
		schema: z.record(z.unknown()),
		remedy: REMEDY,
	});
	return { part: 'configuration', hash: stepHash(JSON.parse(JSON.stringify(whole)) as Json) };
}
