import type { Route } from './route.ts';

export interface HealthOptions {
	readonly path: RegExp;
	readonly label: string;
	readonly version: string;
	/** False: the process is draining or its behaviour says that it is ill. */
	isServing(): boolean;
	/** What must answer, by name. */
	readonly checks: Readonly<Record<string, () => Promise<unknown>>>;
}

/** A dependency that takes longer than this counts as down. */
const checkTimeoutMs = 2_000;

/** 200 `{status:'ok'}` when every check passed, else 503 `error`; 503 `draining` once it stops serving. */
export function createHealthRoute({ path, label, version, isServing, checks }: HealthOptions): Route {
	return {
		method: 'GET',
		path,
		label,
		async answer() {
			if (!isServing()) return { status: 503, body: { status: 'draining', version, checks: {} } };
			const results = await Promise.all(
				Object.entries(checks).map(async ([name, check]) => [name, await runCheck(check)] as const),
			);
			const failed = results.some(([, result]) => result !== 'ok');
			return {
				status: failed ? 503 : 200,
				body: { status: failed ? 'error' : 'ok', version, checks: Object.fromEntries(results) },
			};
		},
	};
}

async function runCheck(check: () => Promise<unknown>): Promise<'ok' | 'down'> {
	let timer: NodeJS.Timeout | undefined;
	const tooLate = new Promise<never>((_, reject) => {
		timer = setTimeout(() => reject(new Error('timed out')), checkTimeoutMs);
	});
	try {
		await Promise.race([check(), tooLate]);
		return 'ok';
	} catch {
		return 'down';
	} finally {
		clearTimeout(timer);
	}
}
