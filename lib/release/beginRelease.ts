import { randomBytes } from 'node:crypto';
import { assessCalendar } from './calendar/assessCalendar';
import type { ChangeWindow } from './calendar/changeCalendarSchema';
import { checkPlan } from './checkPlan';
import { releaseErrors } from './errors';
import type { Ledger, PlanPart, Start } from './ledger';
import type { Json, Release, ReleaseImage } from './model';
import type { Registry } from './registry.client';
import { validateRequest, type ReleaseRequest } from './releaseRequest';

export interface ReleasePlan {
	/** The environment that the configuration deploys to. */
	readonly expectedEnvironment: string;
	readonly workloads: ReadonlyArray<{ readonly service: string; readonly repository: string }>;
	/** True in the editor: a run by hand changes nothing, whatever was asked for. */
	readonly byHand: boolean;
	readonly executionId: string;
	readonly changeCalendar: readonly ChangeWindow[];
	/** Silence of the heartbeat, in milliseconds, after which a run counts as dead. */
	readonly staleAfterMs: number;
	/** What would run: this workflow, the configuration, the package. */
	readonly parts: readonly PlanPart[];
}

export interface BeginPorts {
	readonly ledger: Ledger;
	readonly registry: Registry;
	/** The ledger's notion of now is close enough to a host's for a calendar of minutes. */
	readonly now: Date;
	/** Lets each phase register what it would do, or refuse because that has changed; it does nothing else. */
	planPhases(releaseId: string): Promise<void>;
}

/**
 * Begins a release: checks the request as a whole, asks the change calendar, resolves the version to digests, and takes the
 * environment's lock. Answers with the release that stands when the environment is locked, the delivery already began one, or the
 * version already serves. With the intent to resume it goes on with a release whose run died, if nothing it would do has changed.
 * A refusal is recorded.
 * @throws RunbookError RELEASE.INVALID, ENVIRONMENT_UNKNOWN, WINDOW_CLOSED, VERSION_UNKNOWN, REGISTRY_UNREACHABLE, UNKNOWN,
 * NOT_RESUMABLE, NOT_CONTRACTIBLE, WORKFLOW_CHANGED, LEDGER_UNREACHABLE
 */
export async function beginRelease(
	ports: BeginPorts,
	{ request, plan }: { request: ReleaseRequest; plan: ReleasePlan },
): Promise<Start> {
	const valid = validateRequest(request);
	if (valid.environment !== plan.expectedEnvironment) {
		throw releaseErrors.ENVIRONMENT_UNKNOWN({ environment: valid.environment, expected: plan.expectedEnvironment });
	}
	const resumes = valid.intent === 'resume' || (valid.intent === 'contract' && valid.releaseId !== '');
	return resumes && !plan.byHand ? await resume(ports, valid, plan) : await begin(ports, valid, plan);
}

async function begin(
	{ ledger, registry, now, planPhases }: BeginPorts,
	request: ReleaseRequest,
	plan: ReleasePlan,
): Promise<Start> {
	const rehearsal = plan.byHand || request.intent === 'rehearse';
	const override = rehearsal ? null : await askCalendar(ledger, { request, plan, now });
	const contracts = request.intent === 'contract';
	const { version, commit, images } = contracts
		? await readServing(ledger, request.environment)
		: { ...request, images: await resolveImages(registry, request, plan) };
	const start = await ledger.beginRelease({
		id: createReleaseId(contracts ? `${version}-contract` : version),
		environment: request.environment,
		version,
		commit,
		images,
		contracts,
		startedBy: request.startedBy,
		authors: request.authors,
		rehearsal,
		deliveryId: rehearsal ? '' : request.deliveryId,
		executionId: plan.executionId,
		override,
	});
	if (start.outcome !== 'started') return start;
	await ledger.registerPlan(start.release.id, plan.parts);
	await planPhases(start.release.id);
	return start;
}

async function resume(
	{ ledger, planPhases }: BeginPorts,
	{ releaseId, environment }: ReleaseRequest,
	plan: ReleasePlan,
): Promise<Start> {
	const release = await ledger.readRelease(releaseId);
	if (!release || release.environment !== environment) throw releaseErrors.UNKNOWN({ releaseId });
	await refuseOtherWorkflow(ledger, release, plan.parts);
	await checkPlan(ledger, releaseId, plan.parts);
	await planPhases(releaseId);
	const { executionId, staleAfterMs } = plan;
	return { release: await ledger.resumeRelease(releaseId, { executionId, staleAfterMs }), outcome: 'resumed' };
}

/** What serves, whose held-back migrations are to run. @throws RunbookError RELEASE.NOT_CONTRACTIBLE */
async function readServing(ledger: Ledger, environment: string): Promise<Release> {
	const serving = await ledger.readLastSwitched(environment);
	if (serving?.state !== 'succeeded')
		throw releaseErrors.NOT_CONTRACTIBLE({
			environment,
			problem: serving
				? `release ${serving.id} (${serving.version}), the last that moved traffic, is ${serving.state}`
				: 'no release has moved traffic there',
			remedy: 'Wait until the watch of a release has ended well; only then nobody goes back behind it',
		});
	const [linted] = await ledger.readSteps(serving.id, '2.1/lint');
	if (!holdsBack(linted?.result))
		throw releaseErrors.NOT_CONTRACTIBLE({
			environment,
			problem: `release ${serving.id} (${serving.version}), which serves, has held nothing back`,
			remedy: 'Nothing is to be done',
		});
	return serving;
}

/** Of a recorded lint. */
function holdsBack(result: Json | undefined): boolean {
	const names = (result as { readonly heldBack?: unknown } | null | undefined)?.heldBack;
	return Array.isArray(names) && names.length > 0;
}

/** A release is resumed by the workflow that began it. @throws RunbookError RELEASE.NOT_RESUMABLE */
async function refuseOtherWorkflow(ledger: Ledger, { id, state }: Release, parts: readonly PlanPart[]): Promise<void> {
	const known = (await ledger.readPlan(id)).map(({ part }) => part);
	const foreign = parts.find(({ part }) => known.length > 0 && !known.includes(part));
	if (foreign)
		throw releaseErrors.NOT_RESUMABLE({ releaseId: id, state, problem: `${foreign.part} has not begun it` });
}

/** The override that was used, or null where the calendar is open. @throws RunbookError RELEASE.WINDOW_CLOSED */
async function askCalendar(
	ledger: Ledger,
	{ request, plan, now }: { request: ReleaseRequest; plan: ReleasePlan; now: Date },
): Promise<ReleaseRequest['override']> {
	const { environment } = request;
	const calendar = assessCalendar(plan.changeCalendar, await ledger.listFreezes(environment), now);
	if (calendar.open) return null;
	if (request.override) return request.override;
	const opens = calendar.opensAt
		? `It opens at ${calendar.opensAt.toISOString()}`
		: 'Nothing that is known opens it within 90 days';
	throw releaseErrors.WINDOW_CLOSED({ environment, reason: calendar.reason, opens });
}

async function resolveImages(registry: Registry, request: ReleaseRequest, plan: ReleasePlan): Promise<ReleaseImage[]> {
	return await Promise.all(
		plan.workloads.map(async ({ service, repository }) => {
			const recorded = request.images.find(({ workload }) => workload === service);
			if (request.images.length === 0) {
				return {
					workload: service,
					image: `${repository}@${await registry.resolveDigest(repository, request.version)}`,
				};
			}
			if (recorded?.image.startsWith(`${repository}@`)) return recorded;
			const problem = recorded
				? `${service} comes from another repository than ${repository}`
				: `${service} is missing`;
			throw releaseErrors.INVALID({
				field: 'images',
				problem,
				remedy: `Name ${repository}@sha256:… for ${service}`,
			});
		}),
	);
}

/** Readable, sortable by version, unique: `r-2026.11.23-4f9c2a`. */
function createReleaseId(version: string): string {
	return `r-${version}-${randomBytes(3).toString('hex')}`;
}
