import type { Ledger, NewRelease } from '../../lib/release/ledger';
import type { Json, Release, ReleaseContext, ReleaseState, StepRecord, StepState } from '../../lib/release/model';
import type { Step } from '../../lib/release/recordStep';
import { releaseErrors } from '../../lib/release/errors';

/** A ledger in memory with the rules of the real one, for tests that need no database. `writes` lists what was written. */
export class MemoryLedger implements Ledger {
	readonly writes: string[] = [];
	readonly #deliveries = new Set<string>();
	readonly #releases = new Map<string, Release>();
	readonly #steps = new Map<string, StepRecord>();
	readonly #locks = new Map<string, { holder: string | null; token: number }>();

	async acceptDelivery(deliveryId: string): Promise<boolean> {
		const fresh = !this.#deliveries.has(deliveryId);
		this.#deliveries.add(deliveryId);
		return fresh;
	}

	async beginRelease(wanted: NewRelease): Promise<{ release: Release; started: boolean }> {
		const standing = [...this.#releases.values()].find(
			(one) =>
				(one.environment === wanted.environment && one.finishedAt === null && !one.rehearsal) ||
				(wanted.deliveryId !== '' && one.deliveryId === wanted.deliveryId),
		);
		if (standing && !wanted.rehearsal) return { release: standing, started: false };
		const release: Release = {
			...wanted,
			state: 'running',
			token: wanted.rehearsal ? 0 : this.#takeLock(wanted.environment, wanted.id),
			startedAt: new Date(),
			watchUntil: null,
			finishedAt: null,
		};
		return { release: this.#put(release), started: true };
	}

	async readRelease(releaseId: string): Promise<Release | undefined> {
		return this.#releases.get(releaseId);
	}

	async readReleaseByExecution(executionId: string): Promise<Release | undefined> {
		return [...this.#releases.values()].findLast((one) => one.executionId === executionId);
	}

	async listLiveReleases(environment: string): Promise<Release[]> {
		return [...this.#releases.values()].filter(
			(one) => one.environment === environment && one.finishedAt === null && !one.rehearsal,
		);
	}

	async readLastStable(environment: string): Promise<Release | undefined> {
		return [...this.#releases.values()].findLast(
			(one) => one.environment === environment && one.state === 'succeeded',
		);
	}

	async takeOver(releaseId: string): Promise<Release> {
		const release = this.#releases.get(releaseId);
		if (!release) throw releaseErrors.UNKNOWN({ releaseId });
		for (const other of await this.listLiveReleases(release.environment)) {
			if (other.id !== releaseId) this.#put({ ...other, state: 'needs-human', finishedAt: new Date() });
		}
		return this.#put({ ...release, token: this.#takeLock(release.environment, releaseId) });
	}

	async enterWatching(release: ReleaseContext, watchForMs: number): Promise<Release> {
		return this.#put({ ...this.#held(release), state: 'watching', watchUntil: new Date(Date.now() + watchForMs) });
	}

	async finishRelease(release: ReleaseContext, state: ReleaseState): Promise<Release> {
		const held = this.#held(release);
		const lock = this.#locks.get(held.environment);
		if (lock?.holder === release.id) lock.holder = null;
		return this.#put({ ...held, state, finishedAt: new Date() });
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
		this.#held(step.release);
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

	async finishStep(step: Step, end: { state: StepState; result: Json; evidence: Json; error: Json }): Promise<void> {
		this.#held(step.release);
		const record = await this.readStep(step.release.id, step.stepKey, step.itemKey);
		if (!record) throw new Error(`step ${step.stepKey} was never started`);
		this.writes.push(`finish ${step.stepKey} ${end.state}`);
		this.#steps.set(stepId(step.release.id, step.stepKey, step.itemKey), {
			...record,
			...end,
			finishedAt: new Date(),
		});
	}

	async close(): Promise<void> {
		await Promise.resolve();
	}

	#put(release: Release): Release {
		this.#releases.set(release.id, release);
		return release;
	}

	#takeLock(environment: string, holder: string): number {
		const token = (this.#locks.get(environment)?.token ?? 0) + 1;
		this.#locks.set(environment, { holder, token });
		return token;
	}

	#held({ id, token }: ReleaseContext): Release {
		const release = this.#releases.get(id);
		const lock = release && this.#locks.get(release.environment);
		if (release && (release.rehearsal || (lock?.holder === id && lock.token === token))) return release;
		throw releaseErrors.FENCED_OUT({ releaseId: id, token });
	}
}

function stepId(releaseId: string, stepKey: string, itemKey: string): string {
	return `${releaseId} ${stepKey} ${itemKey}`;
}
