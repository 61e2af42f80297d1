import type { GateRecord, GateStore, VoteRecord } from '../../lib/release/gate';
import type {
	Freeze,
	Ledger,
	LedgerEvent,
	NewRelease,
	PhaseRecord,
	PlanPart,
	Refusal,
	Start,
	StepEnd,
} from '../../lib/release/ledger';
import type {
	Json,
	Release,
	ReleaseContext,
	ReleaseState,
	Sample,
	SchemaFloor,
	StepRecord,
} from '../../lib/release/model';
import type { Step } from '../../lib/release/recordStep';
import { releaseErrors } from '../../lib/release/errors';
import { MemoryWatch } from './memoryWatch';

/** A release that may begin in production, as a person would ask for it. */
export function newRelease(change: Partial<NewRelease> = {}): NewRelease {
	return {
		id: 'r-1',
		environment: 'production',
		version: '2',
		commit: '',
		images: [],
		startedBy: 'ci',
		authors: [],
		rehearsal: false,
		deliveryId: '',
		executionId: '1',
		override: null,
		contracts: false,
		...change,
	};
}

/** A ledger in memory with the rules of the real one, for tests that need no database. `writes` lists what was written. */
export class MemoryLedger implements Ledger {
	readonly writes: string[] = [];
	readonly refusals: Refusal[] = [];
	readonly freezes: Freeze[] = [];
	readonly gates = new MemoryGates(this);
	readonly watch = new MemoryWatch();
	/** What `readUsualDurations` tells, in milliseconds by step key. */
	usualDurations: ReadonlyMap<string, number> = new Map();
	/** How long the holder's heartbeat has been silent, in milliseconds. */
	silentForMs = 0;
	readonly #deliveries = new Set<string>();
	readonly #releases = new Map<string, Release>();
	readonly #steps = new Map<string, StepRecord>();
	readonly #samples = new Map<string, Sample[]>();
	readonly #plans = new Map<string, Map<string, string>>();
	readonly #warnings = new Set<string>();
	readonly #phases = new Map<string, Map<string, PhaseRecord>>();
	readonly #floors = new Map<string, SchemaFloor>();
	readonly #locks = new Map<string, { holder: string | null; token: number }>();

	async acceptDelivery(deliveryId: string): Promise<boolean> {
		const fresh = !this.#deliveries.has(deliveryId);
		this.#deliveries.add(deliveryId);
		return fresh;
	}

	async beginRelease(wanted: NewRelease): Promise<Start> {
		const standing = wanted.rehearsal ? undefined : this.#standing(wanted);
		if (standing) return standing;
		const release: Release = {
			...wanted,
			state: 'running',
			token: wanted.rehearsal ? 0 : this.#takeLock(wanted.environment, wanted.id),
			startedAt: new Date(),
			resumes: 0,
			waitingUntil: null,
			watchUntil: null,
			rollingBackAt: null,
			pointOfNoReturn: null,
			finishedAt: null,
			reason: '',
			heartbeatAt: wanted.rehearsal ? null : new Date(),
		};
		return { release: this.put(release), outcome: 'started' };
	}

	async resumeRelease(
		releaseId: string,
		{ executionId, staleAfterMs }: { executionId: string; staleAfterMs: number },
	): Promise<Release> {
		const release = this.#known(releaseId);
		const stopped = (await this.listStopped(release.environment, staleAfterMs)).some(({ id }) => id === releaseId);
		const problem = whyNotResumable(release) ?? (stopped ? undefined : 'its run gave a sign of life a moment ago');
		if (problem) throw releaseErrors.NOT_RESUMABLE({ releaseId, state: release.state, problem });
		const token = this.#takeLock(release.environment, releaseId);
		this.silentForMs = 0;
		const resumes = release.resumes + 1;
		return this.put({ ...release, token, executionId, resumes, state: 'running', waitingUntil: null });
	}

	async readRelease(releaseId: string): Promise<Release | undefined> {
		return this.#releases.get(releaseId);
	}

	async readReleaseByExecution(executionId: string): Promise<Release | undefined> {
		return [...this.#releases.values()].findLast((one) => one.executionId === executionId);
	}

	async listLiveReleases(environment?: string): Promise<Release[]> {
		return [...this.#releases.values()].filter(
			(one) =>
				(environment === undefined || one.environment === environment) &&
				one.finishedAt === null &&
				!one.rehearsal,
		);
	}

	async listReleases(environment: string, limit: number): Promise<Release[]> {
		const all = [...this.#releases.values()].filter((one) => one.environment === environment);
		return all.reverse().slice(0, limit);
	}

	async listStopped(environment: string, staleAfterMs: number): Promise<Release[]> {
		const live = await this.listLiveReleases(environment);
		return live.filter(
			({ state, waitingUntil }) =>
				(state === 'running' && this.silentForMs > staleAfterMs) ||
				(state === 'waiting' && waitingUntil !== null && waitingUntil.getTime() + staleAfterMs < Date.now()),
		);
	}

	async readLastStable(environment: string): Promise<Release | undefined> {
		return [...this.#releases.values()].findLast(
			(one) => one.environment === environment && one.state === 'succeeded',
		);
	}

	async readLastSwitched(environment: string): Promise<Release | undefined> {
		return [...this.#releases.values()].findLast(
			(one) => one.environment === environment && this.#steps.has(stepId(one.id, '3.2/switch-traffic', '')),
		);
	}

	async raiseSchemaFloor({ id, token }: ReleaseContext): Promise<SchemaFloor> {
		const { environment, version } = this.held({ id, token });
		const known = this.#floors.get(environment);
		const floor = known?.releaseId === id ? known : { version, releaseId: id, since: new Date() };
		this.#floors.set(environment, floor);
		return floor;
	}

	async takeOver(
		releaseId: string,
		{ reason, intent }: { reason: string; intent: 'rollBack' | 'continue' },
	): Promise<Release> {
		const release = this.#known(releaseId);
		if (release.rehearsal)
			throw releaseErrors.MANUAL_RUN_NOT_ARMED({ stepKey: 'rollback', environment: release.environment });
		if (intent === 'continue' && release.finishedAt)
			throw releaseErrors.NOT_JOINABLE({ releaseId, state: release.state });
		const floor = this.#floors.get(release.environment);
		if (intent === 'rollBack' && floor && release.startedAt <= floor.since)
			throw releaseErrors.BELOW_SCHEMA_FLOOR({ releaseId, floorId: floor.releaseId });
		for (const other of await this.listLiveReleases(release.environment)) {
			if (other.id !== releaseId) this.put({ ...other, state: 'needs-human', finishedAt: new Date() });
		}
		const token = this.#takeLock(release.environment, releaseId);
		const rollingBackAt = intent === 'rollBack' ? (release.rollingBackAt ?? new Date()) : release.rollingBackAt;
		return this.put({ ...release, token, reason, rollingBackAt, state: 'running', finishedAt: null });
	}

	async enterWatching(release: ReleaseContext, watchForMs: number): Promise<Release> {
		return this.put({ ...this.held(release), state: 'watching', watchUntil: new Date(Date.now() + watchForMs) });
	}

	async finishRelease(release: ReleaseContext, state: ReleaseState, reason = ''): Promise<Release> {
		const held = this.held(release);
		const lock = this.#locks.get(held.environment);
		if (lock?.holder === release.id) lock.holder = null;
		return this.put({ ...held, state, reason, heartbeatAt: null, finishedAt: new Date() });
	}

	async stopWaiting(releaseId: string, executionId: string): Promise<void> {
		const release = await this.readRelease(releaseId);
		if (release?.state === 'waiting' && release.executionId === executionId)
			this.put({ ...release, state: 'running', waitingUntil: null });
	}

	async beat(): Promise<void> {
		await Promise.resolve();
	}

	async readStep(releaseId: string, stepKey: string, itemKey: string): Promise<StepRecord | undefined> {
		return this.#steps.get(stepId(releaseId, stepKey, itemKey));
	}

	async readSteps(releaseId: string, stepKey?: string): Promise<StepRecord[]> {
		return [...this.#steps.entries()]
			.filter(
				([id, record]) =>
					id.startsWith(`${releaseId} `) && (stepKey === undefined || record.stepKey === stepKey),
			)
			.map(([, record]) => record);
	}

	async startStep(step: Step, { inputHash, inverse }: { inputHash: string; inverse: Json }): Promise<void> {
		this.held(step.release);
		const { stepKey, itemKey, kind } = step;
		const before = await this.readStep(step.release.id, stepKey, itemKey);
		this.writes.push(`start ${stepKey}`);
		this.#steps.set(stepId(step.release.id, stepKey, itemKey), {
			stepKey,
			itemKey,
			kind,
			state: 'started',
			inputHash,
			attempts: (before?.attempts ?? 0) + 1,
			startedAt: new Date(),
			finishedAt: null,
			result: null,
			evidence: null,
			inverse: before?.inverse ?? inverse,
			error: null,
		});
	}

	async finishStep(step: Step, end: StepEnd): Promise<void> {
		const held = this.held(step.release);
		const record = await this.readStep(step.release.id, step.stepKey, step.itemKey);
		if (!record) throw new Error(`step ${step.stepKey} was never started`);
		this.writes.push(`finish ${step.stepKey} ${end.state}`);
		const { samples, pointOfNoReturn, ...written } = end;
		this.#steps.set(stepId(step.release.id, step.stepKey, step.itemKey), {
			...record,
			...written,
			finishedAt: new Date(),
		});
		this.#samples.set(held.id, [...(this.#samples.get(held.id) ?? []), ...(samples ?? [])]);
		if (pointOfNoReturn && !held.pointOfNoReturn) {
			const since = new Date().toISOString();
			this.put({ ...held, pointOfNoReturn: { stepKey: step.stepKey, since, reason: pointOfNoReturn.reason } });
		}
	}

	async readSamples(releaseId: string): Promise<Sample[]> {
		return this.#samples.get(releaseId) ?? [];
	}

	async registerPlan(releaseId: string, parts: readonly PlanPart[]): Promise<PlanPart[]> {
		const plan = this.#plans.get(releaseId) ?? new Map<string, string>();
		this.#plans.set(releaseId, plan);
		for (const { part, hash } of parts) if (!plan.has(part)) plan.set(part, hash);
		return await this.readPlan(releaseId);
	}

	async readPlan(releaseId: string): Promise<PlanPart[]> {
		return [...(this.#plans.get(releaseId) ?? [])].map(([part, hash]) => ({ part, hash }));
	}

	async recordRefusal(refusal: Refusal): Promise<void> {
		this.refusals.push(refusal);
	}

	async readRefusals(releaseId: string): Promise<Array<Refusal & { readonly at: Date }>> {
		return this.refusals.filter((one) => one.releaseId === releaseId).map((one) => ({ ...one, at: new Date() }));
	}

	async declareFreeze(freeze: Omit<Freeze, 'id' | 'liftedAt'>): Promise<Freeze> {
		const declared = { ...freeze, id: `freeze-${this.freezes.length + 1}`, liftedAt: null };
		this.freezes.push(declared);
		return declared;
	}

	async liftFreeze(freezeId: string): Promise<Freeze> {
		const index = this.freezes.findIndex(({ id }) => id === freezeId);
		const freeze = this.freezes[index];
		if (!freeze) throw releaseErrors.FREEZE_UNKNOWN({ freezeId });
		return (this.freezes[index] = { ...freeze, liftedAt: freeze.liftedAt ?? new Date() });
	}

	async listFreezes(environment: string): Promise<Freeze[]> {
		const isOver = ({ until }: Freeze): boolean => until !== null && until <= new Date();
		return this.freezes.filter((one) => one.environment === environment && one.liftedAt === null && !isOver(one));
	}

	async startPhase(releaseId: string, phase: string): Promise<void> {
		const phases = this.#phases.get(releaseId) ?? new Map<string, PhaseRecord>();
		this.#phases.set(releaseId, phases);
		const before = phases.get(phase);
		phases.set(phase, {
			phase,
			startedAt: before?.startedAt ?? new Date(),
			finishedAt: null,
		});
	}

	async finishPhase(releaseId: string, phase: string): Promise<void> {
		const phases = this.#phases.get(releaseId);
		const before = phases?.get(phase);
		if (before) phases?.set(phase, { ...before, finishedAt: new Date() });
	}

	async readPhases(releaseId: string): Promise<PhaseRecord[]> {
		return [...(this.#phases.get(releaseId)?.values() ?? [])];
	}

	async claimWarning(releaseId: string, clock: string): Promise<boolean> {
		const warning = `${releaseId} ${clock}`;
		const fresh = !this.#warnings.has(warning);
		this.#warnings.add(warning);
		return fresh;
	}

	async readEvents(): Promise<LedgerEvent[]> {
		return [];
	}

	async readUsualDurations(): Promise<ReadonlyMap<string, number>> {
		return this.usualDurations;
	}

	async close(): Promise<void> {
		await Promise.resolve();
	}

	put(release: Release): Release {
		this.#releases.set(release.id, release);
		return release;
	}

	held({ id, token }: ReleaseContext): Release {
		const release = this.#releases.get(id);
		const lock = release && this.#locks.get(release.environment);
		if (release && (release.rehearsal || (lock?.holder === id && lock.token === token))) return release;
		throw releaseErrors.FENCED_OUT({ releaseId: id, token });
	}

	#standing(wanted: NewRelease): Start | undefined {
		const known = [...this.#releases.values()].find(
			(one) => wanted.deliveryId !== '' && one.deliveryId === wanted.deliveryId,
		);
		if (known) return { release: known, outcome: 'known-delivery' };
		const here = [...this.#releases.values()].filter(
			(one) => one.environment === wanted.environment && !one.rehearsal,
		);
		const live = here.find((one) => one.finishedAt === null);
		const serves = here.findLast((one) => one.state === 'succeeded');
		const isServing = serves?.version === wanted.version && !wanted.contracts;
		const standing = live ?? (isServing ? serves : undefined);
		const outcome = standing?.version === wanted.version ? 'known-version' : 'locked';
		return standing && { release: standing, outcome };
	}

	#known(releaseId: string): Release {
		const release = this.#releases.get(releaseId);
		if (!release) throw releaseErrors.UNKNOWN({ releaseId });
		return release;
	}

	#takeLock(environment: string, holder: string): number {
		const token = (this.#locks.get(environment)?.token ?? 0) + 1;
		this.#locks.set(environment, { holder, token });
		return token;
	}
}

class MemoryGates implements GateStore {
	readonly #ledger: MemoryLedger;
	readonly #gates = new Map<string, GateRecord>();
	readonly #votes: VoteRecord[] = [];

	constructor(ledger: MemoryLedger) {
		this.#ledger = ledger;
	}

	readonly openGate: GateStore['openGate'] = async (context, { expiresInMs, ...gate }) => {
		const release = this.#ledger.held(context);
		const before = await this.readGate(release.id, gate.gate);
		const stands =
			before?.evidenceHash === gate.evidenceHash &&
			(before.state === 'approved' || (before.state === 'open' && before.expiresAt > new Date()));
		const expiresAt = new Date(Date.now() + expiresInMs);
		const opened: GateRecord = stands
			? { ...before, executionId: gate.executionId, wakeSeal: gate.wakeSeal }
			: {
					...gate,
					releaseId: release.id,
					state: 'open',
					openedAt: new Date(),
					expiresAt,
					decidedAt: null,
					reason: '',
				};
		this.#put(opened);
		if (opened.state === 'open') this.#ledger.put({ ...release, state: 'waiting', waitingUntil: opened.expiresAt });
		return opened;
	};

	readonly readGate: GateStore['readGate'] = async (releaseId, gate) => this.#gates.get(`${releaseId} ${gate}`);

	readonly castVote: GateStore['castVote'] = async (vote) => {
		const { releaseId, approver } = vote;
		const given = await this.readVotes(releaseId, vote.gate);
		if (given.some((one) => one.nonce === vote.nonce && one.approver === approver)) {
			await this.refuseVote({ ...vote, code: 'APPROVAL.REPLAYED', message: 'This link has voted before' });
			return 'replayed';
		}
		this.#votes.push({ ...vote, votedAt: new Date() });
		return 'recorded';
	};

	readonly refuseVote: GateStore['refuseVote'] = async ({ releaseId, code, message, approver }) => {
		await this.#ledger.recordRefusal({ releaseId, environment: '', code, message, person: approver });
	};

	readonly readVotes: GateStore['readVotes'] = async (releaseId, gate) =>
		this.#votes.filter((vote) => vote.releaseId === releaseId && vote.gate === gate);

	readonly decideGate: GateStore['decideGate'] = async (context, gate, { state, reason }) => {
		const release = this.#ledger.held(context);
		const before = await this.readGate(release.id, gate);
		if (!before) throw releaseErrors.FENCED_OUT({ releaseId: release.id, token: release.token });
		const decision = before.state === 'void' ? {} : { state, reason };
		const decided = before.decidedAt ? before : { ...before, ...decision, decidedAt: new Date() };
		this.#put(decided);
		if (release.state === 'waiting') this.#ledger.put({ ...release, state: 'running', waitingUntil: null });
		return decided;
	};

	readonly lookAtGate: GateStore['lookAtGate'] = async (context) => {
		this.#ledger.held(context);
	};

	readonly voidGate: GateStore['voidGate'] = async (releaseId, gate, reason) => {
		const before = await this.readGate(releaseId, gate);
		if (before?.state !== 'open') return false;
		this.#put({ ...before, state: 'void', reason });
		return true;
	};

	readonly listUnanswered: GateStore['listUnanswered'] = async () =>
		[...this.#gates.values()].filter(
			({ decidedAt, state, releaseId, gate }) =>
				decidedAt === null &&
				(state === 'void' || this.#votes.some((vote) => vote.releaseId === releaseId && vote.gate === gate)),
		);

	#put(gate: GateRecord): void {
		this.#gates.set(`${gate.releaseId} ${gate.gate}`, gate);
	}
}

function whyNotResumable({ finishedAt, rehearsal, rollingBackAt, state }: Release): string | undefined {
	if (finishedAt) return 'it has finished';
	if (rehearsal) return 'a rehearsal changes nothing';
	if (rollingBackAt) return 'its rollback has begun';
	return state === 'watching' ? 'its deployment is done and it is being watched' : undefined;
}

function stepId(releaseId: string, stepKey: string, itemKey: string): string {
	return `${releaseId} ${stepKey} ${itemKey}`;
}
