import type {
	ActClaim,
	Alert,
	AlertRow,
	CounterMemory,
	NewLook,
	RecordedRelease,
	Standing,
	WatchedRelease,
	WatchStore,
} from '../../lib/release/watchStore';

/** What the watch remembers, in memory with the rules of the real one; `nowMs` is the ledger's time. */
export class MemoryWatch implements WatchStore {
	nowMs = 0;
	/** The live release by environment; absent: none. */
	readonly releases = new Map<string, WatchedRelease>();
	readonly looks: Array<NewLook & { readonly recordedAtMs: number }> = [];
	readonly claims = new Map<string, { atMs: number; attempts: number; watcher: string; reason: string }>();
	readonly #memory = new Map<string, CounterMemory>();
	readonly #alerts = new Map<string, Alert>();

	async readStandings(
		environments: readonly string[],
		{ watcher, horizonMs }: { readonly watcher: string; readonly horizonMs: number },
	): Promise<Standing[]> {
		return environments.map((environment) => {
			const release = this.releases.get(environment) ?? null;
			const sinceMs = Math.min(this.nowMs, release?.switchedAtMs ?? this.nowMs) - horizonMs;
			return {
				environment,
				nowMs: this.nowMs,
				release,
				looks: this.looks.filter(
					(look) =>
						look.environment === environment && look.watcher === watcher && look.recordedAtMs > sinceMs,
				),
				memory: this.#memory.get(`${environment} ${watcher}`) ?? null,
				alerts: [...this.#alerts]
					.filter(([key]) => key.startsWith(`${environment} `))
					.map(([, alert]) => alert),
			};
		});
	}

	async readRecorded(
		environment: string,
		{ watcher }: { readonly watcher: string; readonly limit: number },
	): Promise<RecordedRelease[]> {
		const release = this.releases.get(environment);
		if (!release) return [];
		const looks = this.looks.filter((look) => look.releaseId === release.id && look.watcher === watcher);
		return [
			{
				id: release.id,
				version: release.version,
				state: release.state,
				switchedAtMs: release.switchedAtMs,
				looks,
			},
		];
	}

	async recordLooks(looks: readonly NewLook[]): Promise<number> {
		for (const look of looks) {
			const { environment, watcher, monotonicMs, bootId, counters } = look;
			this.looks.push({ ...look, recordedAtMs: this.nowMs });
			if (counters !== null)
				this.#memory.set(`${environment} ${watcher}`, {
					recordedAtMs: this.nowMs,
					monotonicMs,
					bootId,
					counters,
				});
		}
		return this.nowMs;
	}

	async raiseAlerts(alerts: readonly AlertRow[]): Promise<void> {
		for (const { environment, signal, level } of alerts)
			this.#alerts.set(`${environment} ${signal}`, {
				signal,
				level,
				pagedAtMs: this.nowMs,
				acknowledged: false,
			});
	}

	async resolveAlert(environment: string, signal: string): Promise<void> {
		this.#alerts.delete(`${environment} ${signal}`);
	}

	async acknowledgeAlerts(environment: string): Promise<string[]> {
		const found = [...this.#alerts].filter(([key]) => key.startsWith(`${environment} `));
		for (const [key, alert] of found) this.#alerts.set(key, { ...alert, acknowledged: true });
		return found.map(([, { signal }]) => signal).sort();
	}

	async claimAct({ releaseId, act, watcher, reason, reclaimAfterMs }: ActClaim): Promise<boolean> {
		const release = [...this.releases.values()].find(({ id }) => id === releaseId);
		const key = `${releaseId} ${act}`;
		const claim = this.claims.get(key);
		if (!release || release.rollingBack || (claim && this.nowMs - claim.atMs <= reclaimAfterMs)) return false;
		this.claims.set(key, { atMs: this.nowMs, attempts: (claim?.attempts ?? 0) + 1, watcher, reason });
		return true;
	}
}
