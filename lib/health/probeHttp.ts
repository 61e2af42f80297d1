import { classifyNetworkFailure } from '../support/networkFailure';
import type { Clock } from '../support/clock';
import { assessHttp } from './assessHttp';
import { sendHttpProbe, type HttpProbeOptions } from './http.client';
import type { HttpTarget, ProbeResult } from './model';

export interface HttpProbe extends ProbeResult {
	/** Null when no answer came. */
	readonly status: number | null;
	readonly durationMs: number;
}

/** Asks a target once and judges what came of it. @throws only the signal's reason, when the execution was cancelled. */
export async function probeHttp(
	target: HttpTarget,
	options: HttpProbeOptions & { readonly clock: Clock },
): Promise<HttpProbe> {
	const startedMs = options.clock.monotonicMs();
	const durationMs = (): number => Math.round(options.clock.monotonicMs() - startedMs);
	try {
		const answer = await sendHttpProbe(target, options);
		return { ...assessHttp(target, answer), status: answer.status, durationMs: durationMs() };
	} catch (error) {
		options.signal.throwIfAborted();
		const { kind, reason } = classifyNetworkFailure(error);
		return { outcome: kind, reason, status: null, durationMs: durationMs() };
	}
}
