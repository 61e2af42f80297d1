import type { Client } from 'pg';
import type { Clock } from '../../support/clock';
import type { Migration } from '../model';
import type { ObservedLock } from './model';

/** How often the locks are looked at while a script runs, in milliseconds: what is held for less disturbs nobody. */
const SAMPLING_MS = 25;
const MOST_LOCKS = 50;

/** Table locks of a session on tables that were there before it began: what only it can see blocks nobody. */
const LOCKS = `SELECT n.nspname || '.' || c.relname AS table, l.mode FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
	JOIN pg_namespace n ON n.oid = c.relnamespace
	WHERE l.pid = $1 AND l.locktype = 'relation' AND l.granted AND c.relkind IN ('r', 'p', 'm') AND l.mode <> 'AccessShareLock'
		AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND n.nspname NOT LIKE 'pg\\_%' AND c.relname <> '_prisma_migrations'`;

interface Row {
	readonly table: string;
	readonly mode: string;
}

/** Watches the scripts of a rehearsal. `watcher` is a second session in the same database. */
export class ScriptObserver {
	readonly #watcher: Client;
	readonly #clock: Clock;
	#firstSeen = new Map<string, number>();
	#endedAt = 0;

	constructor(watcher: Client, clock: Clock) {
		this.#watcher = watcher;
		this.#clock = clock;
	}

	/**
	 * Sends a script, and looks at its locks meanwhile. One that is one transaction is held open for a moment at its end, so that every lock it took
	 * is seen, however short it ran; one that commits in between is seen as often as it is looked at.
	 */
	async around(client: Client, { isAtomic }: Migration, send: () => Promise<void>): Promise<void> {
		this.#firstSeen = new Map();
		const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
		const pid = rows[0]?.pid ?? 0;
		let running = true;
		const sampling = (async () => {
			while (running) {
				await this.#look(pid);
				await this.#clock.sleep(SAMPLING_MS);
			}
		})();
		try {
			if (isAtomic) await client.query('BEGIN');
			await send();
			if (isAtomic) await this.#look(pid);
			if (isAtomic) await client.query('COMMIT');
		} finally {
			running = false;
			this.#endedAt = this.#clock.monotonicMs();
			await sampling.catch(() => undefined);
		}
	}

	/** What the last script held, the longest first. */
	locks(): ObservedLock[] {
		return [...this.#firstSeen]
			.map(([key, firstSeen]): ObservedLock => {
				const [table = '', mode = ''] = key.split('\n');
				return { table, lock: wordsOf(mode), heldMs: Math.max(0, Math.round(this.#endedAt - firstSeen)) };
			})
			.sort((one, other) => other.heldMs - one.heldMs)
			.slice(0, MOST_LOCKS);
	}

	async #look(pid: number): Promise<void> {
		const at = this.#clock.monotonicMs();
		const { rows } = await this.#watcher.query<Row>(LOCKS, [pid]);
		for (const { table, mode } of rows) {
			const key = `${table}\n${mode}`;
			if (!this.#firstSeen.has(key)) this.#firstSeen.set(key, at);
		}
	}
}

/** `AccessExclusiveLock` → `ACCESS EXCLUSIVE`. */
function wordsOf(mode: string): string {
	return mode
		.replace(/Lock$/, '')
		.replaceAll(/(?!^)([A-Z])/g, ' $1')
		.toUpperCase();
}
