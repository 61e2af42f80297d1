import type { V1Probe } from '@kubernetes/client-node';

export interface ProbeOptions {
	readonly probe: V1Probe;
	/** `127.0.0.1:<port>`; undefined while the process does not listen yet, which fails the probe. */
	address(): string | undefined;
	/** Called with each change of verdict, after as many equal results as the thresholds ask for. */
	onVerdict(succeeds: boolean): void;
}

/** Runs an httpGet probe every `periodSeconds`, first after `initialDelaySeconds`, until the returned function is called. */
export function startProbe({ probe, address, onVerdict }: ProbeOptions): () => void {
	const periodMs = (probe.periodSeconds ?? 10) * 1000;
	const thresholds = { true: probe.successThreshold ?? 1, false: probe.failureThreshold ?? 3 };
	const controller = new AbortController();
	let verdict: boolean | undefined;
	let streak = { succeeds: false, length: 0 };
	let timer = setTimeout(() => void run(), (probe.initialDelaySeconds ?? 0) * 1000);

	async function run(): Promise<void> {
		const startedAt = performance.now();
		const succeeds = await sendProbe(probe, address(), controller.signal);
		if (controller.signal.aborted) return;
		streak = { succeeds, length: streak.succeeds === succeeds ? streak.length + 1 : 1 };
		if (verdict !== succeeds && streak.length >= thresholds[`${succeeds}`]) {
			verdict = succeeds;
			onVerdict(succeeds);
		}
		const wait = verdict === undefined ? Math.min(periodMs, startupPeriodMs) : periodMs;
		timer = setTimeout(() => void run(), Math.max(0, wait - (performance.now() - startedAt)));
	}

	return () => {
		controller.abort();
		clearTimeout(timer);
	};
}

/** Until the first verdict we look more often, so that a process counts as ready soon after it listens. */
const startupPeriodMs = 250;

async function sendProbe(probe: V1Probe, address: string | undefined, stopped: AbortSignal): Promise<boolean> {
	if (!address || !probe.httpGet) return false;
	const signal = AbortSignal.any([stopped, AbortSignal.timeout((probe.timeoutSeconds ?? 1) * 1000)]);
	try {
		const response = await fetch(`http://${address}${probe.httpGet.path ?? '/'}`, {
			signal,
			redirect: 'manual',
			headers: { Connection: 'close' },
		});
		await response.body?.cancel();
		return response.status >= 200 && response.status < 400;
	} catch {
		return false;
	}
}
