import type { Brought } from './bringOver';
import type { CopyManifest, SyncRun } from './model';

type Counts = Pick<
	CopyManifest,
	'objects' | 'bytes' | 'copied' | 'copiedBytes' | 'vanished' | 'vanishedKeys' | 'extra'
>;

/** Often enough to see that a long sync lives, seldom enough not to fill a log. */
const PROGRESS_INTERVAL_MS = 10_000;
/** As many are named; all are counted. */
const NAMED = 20;
/** As many misses get a line of their own in the log. */
const LOGGED = 500;

/** Counts what became of the objects, logs how far it is, and each miss. */
export class Tally {
	missed = 0;
	readonly #run: Pick<SyncRun, 'clock' | 'log'>;
	readonly #misses: string[] = [];
	readonly #vanished: string[] = [];
	readonly #counts = { objects: 0, bytes: 0, copied: 0, copiedBytes: 0, vanished: 0, extra: 0 };
	#loggedAt: number;

	constructor(run: Pick<SyncRun, 'clock' | 'log'>) {
		this.#run = run;
		this.#loggedAt = run.clock.monotonicMs();
	}

	add(brought: Brought | 'extra'): void {
		const counts = this.#counts;
		if (brought === 'extra') counts.extra += 1;
		else if (brought.outcome === 'vanished') {
			counts.vanished += 1;
			if (this.#vanished.length < NAMED) this.#vanished.push(brought.key);
		} else if (brought.outcome === 'missed') this.#addMiss(brought);
		else {
			counts.objects += 1;
			counts.bytes += brought.version.sizeBytes;
			if (brought.outcome === 'copied') {
				counts.copied += 1;
				counts.copiedBytes += brought.version.sizeBytes;
			}
		}
		if (this.#run.clock.monotonicMs() - this.#loggedAt < PROGRESS_INTERVAL_MS) return;
		this.#loggedAt = this.#run.clock.monotonicMs();
		this.#run.log(this.describe());
	}

	counts(): Counts {
		return { ...this.#counts, vanishedKeys: [...this.#vanished] };
	}

	describe(): string {
		const { objects, bytes, copied, copiedBytes, vanished } = this.#counts;
		const lost = `${vanished > 0 ? `, ${vanished} vanished` : ''}${this.missed > 0 ? `, ${this.missed} missed` : ''}`;
		return `${objects} objects, ${megabytes(bytes)}; copied ${copied}, ${megabytes(copiedBytes)}${lost}`;
	}

	/** The first misses, each with its key and why. */
	describeMisses(): string {
		const more = this.missed - this.#misses.length;
		return [...this.#misses, ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
	}

	#addMiss({ key, code, problem }: Extract<Brought, { outcome: 'missed' }>): void {
		this.missed += 1;
		const described = `${JSON.stringify(key)} (${code}: ${problem})`;
		if (this.#misses.length < NAMED) this.#misses.push(described);
		if (this.missed <= LOGGED) this.#run.log(`not copied: ${described}`);
	}
}

/** `12.3 MB`, decimal megabytes. */
function megabytes(bytes: number): string {
	return `${(bytes / 1e6).toFixed(1)} MB`;
}
