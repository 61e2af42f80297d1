/** What was started and must be undone, last one first. */
export interface Cleanups {
	/** Registers an action; after `run()` began, the action runs at once. */
	add(name: string, action: () => Promise<void> | void): void;
	/** Runs every action once, last registered first; a second call waits for the first. */
	run(): Promise<void>;
}

/**
 * Makes an empty list of cleanups. One failing action does not keep the others from running.
 *
 * @throws {AggregateError} from `run()`, when actions failed; its message names them.
 */
export function createCleanups(): Cleanups {
	const entries: Array<{ name: string; action: () => Promise<void> | void }> = [];
	let running: Promise<void> | undefined;

	async function runAll(): Promise<void> {
		const failures: Error[] = [];
		for (let entry = entries.pop(); entry !== undefined; entry = entries.pop()) {
			try {
				await entry.action();
			} catch (error) {
				failures.push(new Error(`stopping ${entry.name} failed: ${messageOf(error)}`, { cause: error }));
			}
		}
		if (failures.length > 0) throw new AggregateError(failures, failures.map(({ message }) => message).join('; '));
	}

	return {
		add(name, action) {
			entries.push({ name, action });
			if (running) running = running.then(runAll, runAll);
		},
		run() {
			running ??= runAll();
			return running;
		},
	};
}

function messageOf(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}
