import { z } from 'zod';
import { beginRelease, type ReleasePlan } from '../../../lib/release/beginRelease';
import type { StartOutcome } from '../../../lib/release/ledger';
import { createRegistry } from '../../../lib/release/registry.client';
import type { ReleaseRequest } from '../../../lib/release/releaseRequest';
import { releaseLedger } from '../../shared/credentials';
import type { Operation } from '../../shared/operation';
import { packagePart } from '../../shared/packagePart';
import { readJson } from '../../shared/readJson';
import { splitList } from '../../shared/splitList';
import { workflowPart } from '../../shared/workflowPlan';
import { beginFields } from '../beginFields';
import { recordRefusals } from '../recordRefusals';
import { releaseJson } from '../releaseJson';
import { configurationPart, readSettings } from '../settings';

interface Parameters {
	readonly request: ReleaseRequest;
	readonly plan: ReleasePlan;
	/** Workflows whose plans belong to the release. */
	readonly phases: readonly string[];
}

const imagesSchema = z.array(z.object({ workload: z.string(), image: z.string() }));
/** A form sends its empty fields, too, as text or null: both empty is none. */
const emptied = z
	.string()
	.nullish()
	.transform((text) => text ?? '');
const overrideSchema = z
	.object({ person: emptied, reason: emptied })
	.nullable()
	.transform((given) => (given === null || (given.person === '' && given.reason === '') ? null : given));
/** These go on; with the others another release stands in the way. */
const GOES_ON: readonly StartOutcome[] = ['started', 'resumed'];

/** Begins or resumes a release. Passed: it runs. Failed: another one stands, and its id is given. */
export const begin: Operation<Parameters> = {
	name: 'begin',
	kind: 'verdict',
	description: beginFields,
	readParameters: (context, itemIndex) => {
		const text = (name: string): string => String(context.getNodeParameter(name, itemIndex, '') ?? '');
		const settings = readSettings(context, itemIndex);
		return {
			request: {
				intent: text('requestIntent') as ReleaseRequest['intent'],
				environment: text('environment'),
				version: text('version'),
				commit: text('commit'),
				startedBy: text('startedBy'),
				authors: splitList(text('authors')),
				releaseId: text('resumeReleaseId'),
				override: readJson(context, {
					itemIndex,
					name: 'override',
					whenAbsent: null,
					schema: overrideSchema,
					remedy: 'Give {"person": …, "reason": …} or null',
				}),
				deliveryId: text('deliveryId'),
				images: readJson(context, {
					itemIndex,
					name: 'images',
					whenAbsent: [],
					schema: imagesSchema,
					remedy: 'Give [{"workload": …, "image": …}] or []',
				}),
			},
			plan: {
				expectedEnvironment: settings.environment,
				workloads: settings.workloads,
				byHand: context.getMode() === 'manual',
				executionId: context.getExecutionId(),
				changeCalendar: settings.changeCalendar,
				staleAfterMs: settings.watchdog.staleAfterSeconds * 1000,
				parts: [workflowPart(context), configurationPart(context, itemIndex), packagePart()],
			},
			phases: splitList(text('phaseWorkflows')),
		};
	},
	plan: ({ request }) => ({ key: '', inputs: { version: request.version, environment: request.environment } }),
	run: async ({ parameters: { request, plan, phases }, open, clock, runWorkflow }) => {
		const ledger = await open(releaseLedger);
		const planPhases = async (id: string): Promise<void> => {
			await Promise.all(
				phases.map(async (phase) => await runWorkflow(phase, { planOnly: true, release: { id } })),
			);
		};
		const ports = { ledger, registry: createRegistry(), now: clock.now(), planPhases };
		const { releaseId, environment, startedBy: person } = request;
		const { release, outcome } = await recordRefusals(
			ledger,
			{ releaseId, environment, person },
			async () => await beginRelease(ports, { request, plan }),
		);
		const goesOn = GOES_ON.includes(outcome);
		const result = { ...releaseJson(release), outcome, started: goesOn };
		return { verdict: goesOn ? 'passed' : 'failed', result };
	},
};
