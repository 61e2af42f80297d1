import { ApiError } from '../apiError.ts';

/** A queue of keys, each worked on by one call at a time. */
export interface WorkQueue {
	/** Has the key worked on soon; a key that is already waiting is not queued twice. */
	enqueue(key: string): void;
	/** Has the key worked on after `delayMs`; an earlier date that is already set stays. */
	enqueueAfter(key: string, delayMs: number): void;
	stop(): void;
}

/** Back-off of a key whose work failed: doubled from the first to the last of these, in milliseconds. */
const firstRetryMs = 5;
const lastRetryMs = 5000;

/**
 * Starts a queue whose `work` is called with one key after another. A key whose work fails comes again with back-off, so
 * that a conflict is solved by reading anew; what is no refusal of the API is also shown as a warning. A key that is queued while it is worked on is worked on once more.
 */
export function startWorkQueue(work: (key: string) => Promise<void>): WorkQueue {
	const waiting = new Set<string>();
	const timers = new Map<string, { atMs: number; timer: NodeJS.Timeout }>();
	const failures = new Map<string, number>();
	let isWorking = false;
	let isStopped = false;

	const drain = async () => {
		if (isWorking) return;
		isWorking = true;
		for (let key = first(waiting); key !== undefined && !isStopped; key = first(waiting)) {
			waiting.delete(key);
			try {
				await work(key);
				failures.delete(key);
			} catch (error) {
				if (!(error instanceof ApiError)) process.emitWarning(error instanceof Error ? error : String(error));
				const count = failures.get(key) ?? 0;
				failures.set(key, count + 1);
				enqueueAfter(key, Math.min(firstRetryMs * 2 ** count, lastRetryMs));
			}
		}
		isWorking = false;
	};
	const enqueue = (key: string) => {
		if (isStopped) return;
		waiting.add(key);
		setImmediate(() => void drain());
	};
	const enqueueAfter = (key: string, delayMs: number) => {
		if (isStopped) return;
		const atMs = Date.now() + delayMs;
		const set = timers.get(key);
		if (set && set.atMs <= atMs) return;
		clearTimeout(set?.timer);
		const timer = setTimeout(() => {
			timers.delete(key);
			enqueue(key);
		}, delayMs);
		timers.set(key, { atMs, timer: timer.unref() });
	};
	return {
		enqueue,
		enqueueAfter,
		stop: () => {
			isStopped = true;
			for (const { timer } of timers.values()) clearTimeout(timer);
			timers.clear();
			waiting.clear();
		},
	};
}

function first(keys: ReadonlySet<string>): string | undefined {
	return keys.values().next().value;
}

/** The queue key of an object, and back. */
export function queueKey(metadata: { namespace?: string | undefined; name: string }): string {
	return `${metadata.namespace ?? ''}/${metadata.name}`;
}

/** The namespace and name behind a queue key. */
export function parseQueueKey(key: string): { namespace: string; name: string } {
	const [namespace = '', name = ''] = key.split('/');
	return { namespace, name };
}
